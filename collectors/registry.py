"""Is this a device we know?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from collectors.reading import BadPayload, Reading, Reason, shown

if TYPE_CHECKING:
    from collectors.correction import Correction

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


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registry says of one device; an empty kind or format is any."""

    kind: str = ""
    format: str = ""
    retired: bool = False
    correction: Correction | None = None


Withheld = tuple[Reading, BadPayload]
"""A reading, and why it is kept back."""


class Devices:
    """The devices of each kind that may report.

    `rules` maps a kind to exact ids or patterns, in which `#` is one digit and `*` any run of characters:
    `{"water": ["w-####", "yard"]}`. A kind without rules is open to every well-formed id. `registered` is the
    registry by site and device, which may be replaced. Raises ValueError for a rule that no id can match.
    """

    def __init__(self, rules: Mapping[str, Sequence[str]] | None = None) -> None:
        self._rules = {kind: tuple(listed) for kind, listed in (rules or {}).items() if listed}
        self._known = {kind: _compiled(kind, listed) for kind, listed in self._rules.items()}
        self.registered: Mapping[tuple[str, str], Registered] = {}
        self.promised: list[tuple[str, str, float]] = []
        """Site, device, and within how many seconds it will speak again; whoever reads, takes it."""
        self.withheld: list[Withheld] = []
        """What was read of devices in quarantine whose messages mean nothing without those before."""

    def allow(self, kind: str, device: str) -> None:
        """Return when `device` may report readings of `kind`; raises BadPayload(UNKNOWN_DEVICE) otherwise."""
        known = self._known.get(kind)
        if known is None or known.fullmatch(device):
            return
        rules = ", ".join(self._rules[kind])
        raise BadPayload(Reason.UNKNOWN_DEVICE, f"{kind}: {shown(device)} is not listed; allowed: {rules}")

    def admit(self, site: str, device: str, kind: str, format_: str, register: bool) -> Correction | None:
        """How what `device` says through a source of `kind` and `format_` is to be corrected, if at all.

        Raises BadPayload: UNREGISTERED for a device that is retired, or, with `register`, not registered;
        UNKNOWN_DEVICE for one that is registered as something else, or that no rule allows.
        """
        self.allow(kind, device)
        if not register and (site, device) not in self.registered:
            return None
        known = self.registered_only(site, device, kind)
        for what, declared, found in (("kind", known.kind, kind), ("format", known.format, format_)):
            if declared and declared != found:
                detail = f"{shown(device)} is registered with {what} '{declared}', its source has '{found}'"
                raise BadPayload(Reason.UNKNOWN_DEVICE, detail)
        return known.correction

    def registered_only(self, site: str, device: str, kind: str) -> Registered:
        """What is registered of a device; raises BadPayload(UNREGISTERED) where nothing is, or no more."""
        known = self.registered.get((site, device))
        if known is None or known.retired:
            what = "retired" if known else "not registered"
            detail = f"{kind}: {shown(device)} at {shown(site)} is {what}"
            raise BadPayload(Reason.UNREGISTERED, detail, f"{site}/{kind}/{device}")
        return known


def _compiled(kind: str, rules: Sequence[str]) -> re.Pattern[str]:
    for rule in rules:
        if not _DEVICE_RULE.fullmatch(rule):
            raise ValueError(
                f"devices.{kind}: no device is called {rule!r}; allowed: {ID_RULE}, # for a digit, *"
            )
    return re.compile("|".join(_pattern(rule) for rule in rules))


def _pattern(rule: str) -> str:
    return re.escape(rule).replace(r"\#", "[0-9]").replace(r"\*", ".*")
