"""Which pages must every browser show without a fault? Views of the desk are found by themselves."""

from __future__ import annotations

from typing import Final, NamedTuple


class Page(NamedTuple):
    """A page at `path`, ready when something matches `ready`."""

    path: str
    ready: str


PAGES: Final = (
    Page("", "body[data-connection=open]"),
    Page("login", "main, form"),
)
"""One line a page."""
DESK_READY: Final = "main[data-ready]"
