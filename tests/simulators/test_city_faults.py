"""Is the garbage that tests publish really refused, and for the reason it is labelled with?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from collectors.reading import BadPayload
from collectors.registry import Devices
from collectors.source import Source, Sources
from simulators.faults import Garbage, garbage

NOW_NS = 1_760_000_100_000_000_000
CONFIG = Path(__file__).parents[2] / "configs" / "demo.toml"


@pytest.fixture(scope="module")
def sources() -> Sources:
    entries = tomllib.loads(CONFIG.read_text())["sources"]
    return Sources(
        [Source(e["topic"], e["format"], e["kind"]) for e in entries],
        Devices({e["kind"]: e["devices"] for e in entries if "devices" in e}),
    )


@pytest.mark.parametrize("bad", garbage("demo"), ids=lambda bad: f"{bad.topic}:{bad.payload[:12]!r}")
def test_garbage_is_refused_for_the_reason_it_names(sources: Sources, bad: Garbage) -> None:
    with pytest.raises(BadPayload) as refusal:
        sources.read(bad.topic, bad.payload, NOW_NS)
    assert refusal.value.reason == bad.reason
