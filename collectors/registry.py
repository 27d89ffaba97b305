"""Is this a device we know?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from collectors.reading import BadPayload, Reason, shown

ID_RULE: Final = "1 to 64 of A-Z a-z 0-9 _ . : -"

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_DEVICE_RULE = re.compile(r"[A-Za-z0-9_.:#*-]{1,64}")


def checked_id(value: object, what: str) -> str:
    """`value` when it can name a device, a site or a lane; raises BadPayload(UNKNOWN_DEVICE) naming `what`.

    Ids become tags and keys in every store, therefore the narrow alphabet: no spaces, quotes or slashes.
    """
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise BadPayload(Reason.UNKNOWN_DEVICE, f"{what}: {shown(value)}; allowed: {ID_RULE}")


class Devices:
    """The devices of each kind that may report.

    `rules` maps a kind to exact ids or patterns, in which `#` is one digit and `*` any run of characters:
    `{"water": ["w-####", "yard"]}`. A kind without rules is open to every well-formed id. Raises ValueError
    for a rule that no id can match.
    """

    def __init__(self, rules: Mapping[str, Sequence[str]] | None = None) -> None:
        self._rules = {kind: tuple(listed) for kind, listed in (rules or {}).items() if listed}
        self._known = {kind: _compiled(kind, listed) for kind, listed in self._rules.items()}

    def allow(self, kind: str, device: str) -> None:
        """Return when `device` may report readings of `kind`; raises BadPayload(UNKNOWN_DEVICE) otherwise."""
        known = self._known.get(kind)
        if known is None or known.fullmatch(device):
            return
        rules = ", ".join(self._rules[kind])
        raise BadPayload(Reason.UNKNOWN_DEVICE, f"{kind}: {shown(device)} is not listed; allowed: {rules}")


def _compiled(kind: str, rules: Sequence[str]) -> re.Pattern[str]:
    for rule in rules:
        if not _DEVICE_RULE.fullmatch(rule):
            raise ValueError(
                f"devices.{kind}: no device is called {rule!r}; allowed: {ID_RULE}, # for a digit, *"
            )
    return re.compile("|".join(_pattern(rule) for rule in rules))


def _pattern(rule: str) -> str:
    return re.escape(rule).replace(r"\#", "[0-9]").replace(r"\*", ".*")
