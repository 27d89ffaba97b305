"""Does every view say what it is, and does a file that is none get told so?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.board.server import build
from gateway.desk.views import FOLDER, GROUPS, ViewError, views


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.stem)
def test_a_view_shows_something_and_has_a_name_of_its_own(path: Path) -> None:
    (own,) = [view for view in views() if view.id == path.stem]
    assert own.group in GROUPS
    assert own.about.endswith((".", "?"))
    assert [view.title for view in views()].count(own.title) == 1
    assert re.search(
        r"^export (async )?function show\(|^export const show = ", path.read_text(), re.MULTILINE
    )


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("// Splits", r"splits.js:1: it must read '// Title \| group \| place"),
        ("// Splits | fazes | 1 | How long?", "no group named 'fazes'; there are: city, intersection"),
    ],
)
def test_a_file_that_is_no_view_is_told_so(tmp_path: Path, first: str, why: str) -> None:
    (tmp_path / "splits.js").write_text(f"{first}\nexport function show() {{}}\n")
    with pytest.raises(ViewError, match=why):
        views(tmp_path)


class City:
    """The least that a desk asks for."""

    def city(self) -> dict[str, Any]:
        return {"name": "Test", "timezone": "Europe/Paris", "intersections": [{"id": "x1"}, {"id": "x2"}]}

    def live(self) -> dict[str, Any]:
        return {"now_ms": 7}

    async def use(self, strategy: str, intersection: str | None, who: str = "") -> None:
        raise AssertionError("nobody switches here")


async def test_the_desk_knows_its_views_and_intersections() -> None:
    transport = httpx.ASGITransport(build(City()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8321") as client:
        page = await client.get("/desk")
        known = (await client.get("/api/desk")).json()
    assert page.status_code == 200
    assert "shell.js" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert [view["id"] for view in known["views"]] == [view.id for view in views()]
    assert (known["timezone"], known["now_ms"]) == ("Europe/Paris", 7)
    assert [one["id"] for one in known["intersections"]] == ["x1", "x2"]
