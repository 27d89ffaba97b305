"""Does the whole program raise what befalls its own store, and take what it derives?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.app import running
from gateway.config.settings import SettingsError, load
from gateway.links.memory_link import MemoryLink
from tests.scenarios.drill import CONFIGS, START_MS

S = 1_000_000_000


class Still:
    """A clock that a test sets."""

    source, speed, profile_s, age_s = "street", 1.0, None, 0.0

    def __init__(self) -> None:
        self.ns = START_MS * 1_000_000

    def now_ns(self) -> int:
        return self.ns


async def test_a_broker_that_is_away_is_raised_shown_stored_and_over(tmp_path: Path) -> None:
    link, clock = MemoryLink(), Still()
    async with running(load(CONFIGS / "demo.toml"), link, tmp_path, clock=clock, drive=False) as app:
        await asyncio.sleep(0)  # its tasks begin
        link.disconnect("connection refused")
        for _ in range(40):
            clock.ns += S
            app.tick(clock.ns)
        (row,) = [r for r in app.live()["alarms"]["active"] if r["rule"] == "broker_away"]
        assert "connection refused" in row["text"]
        link.reconnect()
        for _ in range(15):
            clock.ns += S
            app.tick(clock.ns)
        assert [r for r in app.live()["alarms"]["active"] if r["rule"] == "broker_away"] == []
        assert [r["rule"] for r in app.alarms.history()] == ["broker_away"]
    async with running(load(CONFIGS / "demo.toml"), MemoryLink(), tmp_path, clock=clock, drive=False) as app:
        assert [r["rule"] for r in app.alarms.history()] == ["broker_away"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[[alarms]]\nrule = "bin_ful"', "alarms.1.*no rule named 'bin_ful' (did you mean 'bin_full'?)"),
        ('[[alarms]]\nrule = "bin_full"\nclear_at = 2.0', "clear_at (2) must not lie above raise_at (0.95)"),
        ('[[alarms]]\nrule = "leak"\noptions = { x = 1.0 }', "no option of rule leak named 'x'"),
        ('[[maintenance]]\nsubjects = ["x1"]\nbegin = "22:00"', "says either start and stop"),
        ('[[notify]]\nname = "ops"', "names its addresses by urls_env or by urls_file"),
        ('[[notify]]\nname = "ops"\nurls_env = "A"\nurl = "mailto://me"', "no key named 'url'"),
    ],
)
def test_a_fault_in_the_tables_is_said_with_its_place(tmp_path: Path, table: str, told: str) -> None:
    file = tmp_path / "city.toml"
    file.write_text(f'[city]\nsite = "demo"\n{table}\n')
    with pytest.raises(SettingsError) as wrong:
        load(file)
    assert told.split("*")[-1] in str(wrong.value)
