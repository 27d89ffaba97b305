"""What was staged is judged in the order in which it came, in one go."""

from __future__ import annotations

from collectors.batch import Batch
from collectors.judge.judge import Judge, Judged
from collectors.plugins import kinds
from collectors.quality import Flag
from collectors.reading import Reading
from collectors.typed import Route, route
from gateway.intake.stage import Stage

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
WATER = kinds()["water"].typed
assert WATER is not None
ONE, TWO = (route(WATER, "demo", device) for device in ("w-1", "w-2"))


class Counting(Judge):
    """A judge that counts how often it is asked."""

    asked = 0

    def judge(self, batch: Batch) -> Judged:
        self.asked += 1
        return super().judge(batch)


def took(stage: Stage, n: int, volume: float, of: Route = ONE, late: bool = False) -> None:
    """A record of minute `n`."""
    record = of.decode(b'{"t":%d,"volume_m3":%.3f}' % (T_MS + n * MINUTE_MS, volume))
    stage.records([of], [record], (T_MS + n * MINUTE_MS) * 10**6, {0: int(Flag.LATE)} if late else {})


def kept(stage: Stage, n: int, volume: float, of: Route = ONE) -> None:
    """The same as a reading that is no record."""
    at_ns = (T_MS + n * MINUTE_MS) * 10**6
    stage.keep(Reading("water", of.site, of.device, at_ns, {"volume_m3": volume}, {}, 0, at_ns))


def by_minute(stage: Stage) -> dict[tuple[str, int], int]:
    """The flags of each reading of the batch, by device and minute."""
    readings = [reading for reading in stage.batch() if reading.kind == "water"]
    return {(r.device, (r.at_ns // 10**6 - T_MS) // MINUTE_MS): r.quality for r in readings}


def test_a_device_that_sends_records_and_other_readings_is_judged_in_order_and_in_one_go() -> None:
    judge, stage = Counting(), Stage()
    for n in range(40):
        (took if n % 2 else kept)(stage, n, 500 + n / 100)
        took(stage, n, 300 + n / 100, TWO)
    stage.judge(judge)
    assert judge.asked == 1
    found = by_minute(stage)
    assert len(found) == 80
    assert not any(found.values())
    assert not any(stage.flags.values())


def test_a_counter_that_is_set_back_is_seen_whatever_form_its_readings_have() -> None:
    stage = Stage()
    for n in range(30):
        (took if n % 3 else kept)(stage, n, 500 + n / 100 if n < 20 else n / 100)
    stage.judge(Judge())
    found = by_minute(stage)
    assert found[ONE.device, 20] == Flag.RESET
    assert not any(flags for (_, n), flags in found.items() if n < 20)


def test_late_records_are_judged_among_the_others_and_stay_records() -> None:
    judge, stage = Counting(), Stage()
    for n in range(30):
        took(stage, n, 500 + n / 100 if n != 25 else 900_000.0, late=bool(n % 2))
    assert stage.flags == {("late", "water"): 15}
    stage.judge(judge)
    assert judge.asked == 1
    assert not [reading for reading in stage.batch().plain if reading.kind == "water"]
    found = by_minute(stage)
    assert found[ONE.device, 25] == Flag.LATE | Flag.RATE
    assert stage.flags["late", "water"] == 15
    assert stage.flags["rate", "water"] == 1
