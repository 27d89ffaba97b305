"""Does what a format must send reach the broker, and does a dead broker hurt nobody?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.config.settings import load
from gateway.intake import asking
from gateway.intake.pipeline import opened, read_sources
from gateway.links.link import LinkDown

SPARKPLUG = (
    '[city]\nsite = "demo"\n[[sources]]\nformat = "sparkplug"\nkind = "measurement"\ntopic = "spBv1.0/G/#"\n'
)
DATA = bytes.fromhex("1801120b100269000000000000f03f")
NOW_NS = 1_790_000_000_000_000_000


class FixedClock:
    """A clock that stands."""

    def now_ns(self) -> int:
        return NOW_NS


class Broker:
    """Notes what is published; the first `away` times it is not there."""

    def __init__(self, away: int = 0) -> None:
        self.away, self.sent = away, list[tuple[str, bytes, int]]()
        self.tried = asyncio.Event()

    async def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        self.tried.set()
        if self.away:
            self.away -= 1
            raise LinkDown("away")
        self.sent.append((topic, payload, qos))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "EVERY_S", 0.001)


def city(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("away", [0, 1])
async def test_a_rebirth_is_asked_for_once_at_qos_0(away: int, tmp_path: Path) -> None:
    sources = read_sources(load(city(tmp_path, SPARKPLUG)))
    with pytest.raises(Exception, match="has sent no birth yet"):
        sources.read("spBv1.0/G/NDATA/n", DATA, NOW_NS)
    broker = Broker(away)
    task = asyncio.create_task(asking.ask(sources, FixedClock(), broker))  # type: ignore[arg-type]
    await asyncio.wait_for(broker.tried.wait(), 5)
    await asyncio.sleep(0.02)
    assert not task.done()
    task.cancel()
    assert [(topic, qos) for topic, _, qos in broker.sent] == [("spBv1.0/G/NCMD/n", 0)][away:]


async def test_a_city_without_such_formats_has_nobody_who_asks(tmp_path: Path) -> None:
    plain = '[city]\nsite = "demo"\n[[sources]]\ntopic = "x/{device}"\nkind = "water"\n'
    for text, speaks in ((plain, False), (SPARKPLUG, True)):
        async with opened(load(city(tmp_path, text)), tmp_path, FixedClock()) as pipeline:  # type: ignore[arg-type]
            assert (pipeline.ask is not None) is speaks
