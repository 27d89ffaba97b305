"""What happens when the spool's disk is full, and when the disk has damaged the spool?"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.spool import Spool
from tests.live.brokers import LiveBroker
from tests.live.moody_store import MoodyStore, fails, moody_store
from tests.live.numbered import Verdict, publisher, verdict
from tests.live.plant import Plant, plant

pytestmark = pytest.mark.live

RATE = 1500.0
FILLING = 5000.0


@pytest.fixture
def moody() -> Iterator[MoodyStore]:
    with moody_store() as store:
        yield store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with 4.5 MiB left; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(words, check=False).returncode:
        pytest.skip("only root can mount a small file system here")
    (folder / "ballast").write_bytes(b"x" * (15 << 19))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def store_of(moody: MoodyStore) -> dict[str, object]:
    return {"kind": "influx", "url": moody.url, "database": "city"}


def fill_and_recover(
    running: Plant, broker: LiveBroker, moody: MoodyStore, rate: float, more: Path | None = None
) -> None:
    """The store is away until the spool is full and the broker holds the rest; then it comes back.

    With `more` somebody else fills the rest of the disk to the last byte meanwhile, and gives it back later.
    """
    moody.mood = fails(503)
    with publisher(broker.url, rate) as sending:
        live = running.until("full", lambda live: live["pipeline"]["store"]["state"] == "full")
        assert live["pipeline"]["store"]["why"]
        assert received_at_rest(running) > 0
        assert running.live()["pipeline"]["balanced"]
        if more:
            fill(more)
        moody.mood = lambda store, lines: store.keep(lines)
        if more:
            running.until("attempt", lambda _: 204 in moody.statuses)
            time.sleep(3)
            assert running.live(), running.log()
            more.unlink()
        running.until("room", lambda live: live["pipeline"]["store"]["state"] == "ok")
        published = sending.stop()
    running.settle(published.sent, lambda: len(moody.rows))
    assert verdict(published, moody.numbers()) == Verdict(0, 0)
    assert "no acknowledgements until there is room" in running.log()
    assert "there is room again" in running.log()
    assert running.stop() == 0


def received_at_rest(running: Plant) -> int:
    """How many readings have come, once no more do; the broker holds the others."""
    deadline_s = time.monotonic() + 60
    before = -1
    while (now := running.live()["pipeline"]["received"]) != before:
        assert time.monotonic() < deadline_s, "it goes on acknowledging"
        before = now
        time.sleep(2)
    return int(now)


def fill(path: Path) -> None:
    """Write to `path` until the disk takes nothing more."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_full_spool_stops_acknowledging_says_so_and_resumes(
    tmp_path: Path, nats: LiveBroker, moody: MoodyStore
) -> None:
    with plant(tmp_path, nats.url, store_of(moody), max_mb=1) as running:
        fill_and_recover(running, nats, moody, FILLING)


def test_a_full_disk_stops_acknowledging_says_so_and_resumes(
    tmp_path: Path, mosquitto: LiveBroker, moody: MoodyStore, small_disk: Path
) -> None:
    with plant(tmp_path, mosquitto.url, store_of(moody), var=small_disk / "var") as running:
        fill_and_recover(running, mosquitto, moody, RATE, small_disk / "more")


@pytest.mark.parametrize("harm", ["truncated", "flipped"])
def test_a_damaged_tail_costs_at_most_the_record_it_is_in_and_says_so(
    tmp_path: Path, mosquitto: LiveBroker, moody: MoodyStore, harm: str
) -> None:
    moody.mood = fails(503)
    with plant(tmp_path, mosquitto.url, store_of(moody)) as running:
        with publisher(mosquitto.url, RATE, count=3000) as sending:
            published = sending.result()
        running.until("all", lambda live: live["pipeline"]["kinds"].get("water") == published.sent)
        running.kill()
        *_, last = records(running.var, tmp_path / "copy")
        damage(running.var / "spool.sqlite-wal", harm)
        moody.mood = lambda store, lines: store.keep(lines)
        running.start()
        live = running.settle(published.sent - len(last), lambda: len(moody.rows))
        assert "spool" in running.log()
        assert live["pipeline"]["balanced"]
    rows = moody.numbers()
    assert len(rows) == len(set(rows))
    assert published.numbers - set(rows) <= last


def records(var: Path, copy: Path) -> list[set[int]]:
    """The numbers in each record of a killed plant's spool, read from a copy."""
    copy.mkdir()
    for path in var.glob("spool.sqlite*"):
        shutil.copy(path, copy)
    spool = Spool(copy / "spool.sqlite")
    rows = spool.read(0, 10**9)
    spool.close()
    return [{round(float(r.fields["volume_m3"])) for r in row if r.kind == "water"} for _, row in rows]


def damage(log: Path, harm: str) -> None:
    """Harm the newest part of the spool: its write-ahead log, which a killed program leaves behind."""
    data = bytearray(log.read_bytes())
    if harm == "truncated":
        del data[-3000:]
    else:
        data[-random.Random(1).randrange(500, 3000)] ^= 0x10
    log.write_bytes(data)
