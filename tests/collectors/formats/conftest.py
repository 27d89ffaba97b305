"""What do the tests of the formats share? A source that reads one message, and the moment it arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.declare import declared
from collectors.reading import Reading
from collectors.source import Sources
from collectors.terms import Terms

NOW_NS = 1_790_000_000_000_000_000

Read = Callable[..., list[Reading]]


@pytest.fixture
def read() -> Read:
    """`read("ttn", "water", topic, payload, fields={...})`: what a source of its own makes of a message."""

    def run(
        format_: str, kind: str, topic: str, payload: bytes, shape: str = "", **terms: Any
    ) -> list[Reading]:
        source = declared(shape, format_, kind, "", Terms(**terms), "demo")
        return Sources([source]).read(topic, payload, NOW_NS)

    return run


@pytest.fixture
def measured() -> Callable[[list[Reading]], dict[str, Any]]:
    """Measurements by name: the value, text or state of each."""

    def named(readings: list[Reading]) -> dict[str, Any]:
        return {
            reading.tags["name"]: next(
                reading.fields[word] for word in ("value", "text", "state") if word in reading.fields
            )
            for reading in readings
            if reading.kind == "measurement"
        }

    return named
