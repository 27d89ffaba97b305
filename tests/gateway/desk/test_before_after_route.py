"""Does the desk give before/after reports as numbers, as a page and as a PDF?"""

from __future__ import annotations

from pathlib import Path

from gateway.board.fence import Fence
from tests.gateway.desk.one_desk import desk

PERIODS = {"before": "2026-09-21T13:35..2026-09-21T13:50", "after": "2026-09-28..2026-09-29"}


async def test_a_report_comes_in_three_forms(tmp_path: Path) -> None:
    async with desk(tmp_path, 5) as city:
        city.app.add_middleware(Fence)
        (found,) = (await city.client.get("/api/desk/before-after", params={"at": "x1", **PERIODS})).json()
        page = await city.client.get("/api/desk/before-after.html", params={"at": "x1", **PERIODS})
        pdf = await city.client.get("/api/desk/before-after.pdf", params={"at": "x1", **PERIODS})
        wrong = await city.get("before-after", at="x1", before="today", after="tomorrow")
    assert found["intersection"] == "x1"
    assert any("nothing can be compared" in remark for remark in found["remarks"])
    assert "Before and after" in page.text
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-disposition"] == 'attachment; filename="before-after-x1.pdf"'
    assert (wrong["status_code"], wrong["error"][:8]) == (422, "'today' ")
