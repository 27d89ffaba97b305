"""Does docs/formats.md do what it says, and name everything there is?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from collectors.declare import declared
from collectors.plugins import decoders, formats, kinds
from collectors.source import Sources
from collectors.terms import Terms

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOW_NS = 1_790_000_000_000_000_000


def block(language: str, page: str = PAGE) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} block"
    return found[1]


@pytest.mark.parametrize("page", [PAGE, README], ids=["docs/formats.md", "README.md"])
def test_five_lines_make_water_of_the_uplink_on_the_page(page: str) -> None:
    lines = block("toml", page)
    assert len(lines.splitlines()) <= 5
    (entry,) = tomllib.loads(lines)["sources"]
    terms = Terms(entry["fields"], entry["units"])
    sources = Sources([declared("", entry["format"], entry["kind"], "", terms, "demo")])
    topic = "application/17c82e96/device/0101010101010101/event/up"
    found = sources.read(topic, block("json").encode(), NOW_NS)
    assert {r.kind for r in found} == {"water", "measurement"}
    assert found[0].fields["volume_m3"] == 812.374
    assert found[0].fields["original"] == "volume_m3=812374 L"
    (leak,) = [r for r in found if r.tags.get("name") == "leak"]
    assert leak.fields == {"state": False}


def test_the_table_names_every_format_and_its_usual_topic() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]+)`|-) \| ", PAGE, re.MULTILINE))
    there = {**formats(), **decoders()}
    assert rows.keys() == there.keys()
    for name, decoder in decoders().items():
        if name not in formats():
            assert rows[name] == decoder.topics[0]


def test_the_kinds_on_the_page_exist() -> None:
    (row,) = re.findall(r"^\| `kind` \| (.*) \|$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) <= kinds().keys()
