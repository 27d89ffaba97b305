"""What is wrong with a device, or with what brings us its messages?"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Scope = Literal["device", "feed"]
Severity = Literal["info", "warning", "critical"]
What = Literal["silent", "outage", "stuck", "range", "rate", "clock", "reset"]
WHATS: Final[tuple[What, ...]] = ("silent", "outage", "stuck", "range", "rate", "clock", "reset")


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, from `since_ns` until `until_ns` (0: it still is); ns since the epoch.

    `subject` is a device, or the name of a feed: what stands between us and all devices behind it. A device
    that only shares the silence of its feed has no finding of its own.
    """

    site: str
    subject: str
    scope: Scope
    what: What
    why: str
    severity: Severity
    since_ns: int
    until_ns: int = 0
    kind: str = ""
    devices: int = 1
    """How many devices it concerns."""

    @property
    def open(self) -> bool:
        """Whether it is still so."""
        return not self.until_ns

    @property
    def key(self) -> tuple[str, str, str]:
        """There is one open finding of it at a time."""
        return self.site, self.subject, self.what
