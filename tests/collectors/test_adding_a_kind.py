"""Does docs/adding-a-kind.md do what it says?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from collectors.kind import Kind
from collectors.plugins import Records, formats
from collectors.reading import BadPayload, Reading
from collectors.registry import Devices
from collectors.topic import Topic

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "adding-a-kind.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\{.*?\})` \| `(\w+)` \| `(.*?)` \|$", PAGE, re.MULTILINE)
NOW_NS = 1_760_000_000_000_000_000


def block(language: str) -> str:
    """The first code block of `language` on the page."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} block"
    return found[1]


@pytest.fixture(scope="module")
def kind() -> Kind:
    """What the file on the page declares."""
    module: dict[str, object] = {}
    exec(compile(block("python"), "air.py", "exec"), module)
    assert isinstance(module["KIND"], Kind)
    return module["KIND"]


@pytest.fixture(scope="module")
def source() -> dict[str, object]:
    """The entry of the city file on the page."""
    (entry,) = tomllib.loads(block("toml"))["sources"]
    assert isinstance(entry, dict)
    return entry


def read(kind: Kind, source: dict[str, object], payload: str) -> list[Reading]:
    records: Records = formats()[str(source["format"])]
    return [
        r for record in records(payload.encode()) for r in kind.readings(record, "demo", "air-07", NOW_NS)
    ]


def test_the_message_becomes_the_reading(kind: Kind, source: dict[str, object]) -> None:
    (found,) = read(kind, source, block("json"))
    assert (found.kind, found.at_ns) == ("air", 1_754_000_000_000_000_000)
    assert found.fields == {"pm10_ug_m3": 21.0, "temperature_c": 30.5}
    assert repr(found.fields["pm10_ug_m3"]) == "21.0"


def test_the_entry_fits_the_topic_and_the_device_on_the_page(kind: Kind, source: dict[str, object]) -> None:
    levels = ["arterial", "demo", "air", "air-07"]
    topic = Topic(str(source["topic"]))
    assert topic.matches(levels)
    assert topic.named(levels) == ("demo", "air-07")
    assert source["kind"] == kind.name
    devices = source["devices"]
    assert isinstance(devices, list)
    Devices({kind.name: devices}).allow(kind.name, "air-07")


@pytest.mark.parametrize(("payload", "reason", "detail"), ROWS)
def test_each_refusal_reads_as_printed(
    payload: str, reason: str, detail: str, kind: Kind, source: dict[str, object]
) -> None:
    with pytest.raises(BadPayload) as caught:
        read(kind, source, payload)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_the_table_is_read() -> None:
    assert len(ROWS) == 5
