"""Who counts as silent: by its own habits, and never for what is arterial's or the broker's fault?"""

from __future__ import annotations

from collectors.reading import Reading
from collectors.registry import Registered
from gateway.alarms.silence import Silences
from gateway.devices.facts import DeviceFacts
from tests.scenarios.drill import START_MS

S = 1_000_000_000
T0 = START_MS * 1_000_000


class Town:
    """Devices that speak at their own intervals, and whoever looks at them."""

    def __init__(self, **registered: Registered) -> None:
        self.facts = DeviceFacts({})
        self.silences = Silences(self.facts.every, lambda site, device: registered.get(device))
        self.now_s = 0

    def run(self, seconds: int, connected: bool = True, **every_s: int) -> list[str]:
        """Time passes; returns who is silent at its end."""
        for _ in range(seconds):
            self.now_s += 1
            now_ns = T0 + self.now_s * S
            for device, period_s in every_s.items():
                if self.now_s % period_s == 0:
                    reading = Reading("water", "demo", device, now_ns, {"volume_m3": 1.0}, received_ns=now_ns)
                    self.facts.readings([reading])
            found = self.silences.look(now_ns, connected)
        return [device for device, _, _ in found.silent]


def test_a_device_is_silent_after_three_of_its_own_intervals() -> None:
    town = Town()
    town.run(4000, a=200, b=400)
    assert town.run(590, b=400) == []
    assert town.run(60, b=400) == ["a"]
    assert town.run(300, a=200, b=400) == []


def test_nobody_is_silent_within_five_minutes() -> None:
    town = Town()
    town.run(100, a=10)
    assert town.run(280) == []
    assert town.run(60) == ["a"]


def test_who_has_spoken_only_once_or_twice_has_no_habits() -> None:
    town = Town()
    town.run(60, a=30)
    assert town.run(5000) == []


def test_what_is_declared_counts_for_what_was_measured() -> None:
    town = Town(a=Registered(every_s=900.0))
    town.run(300, a=30)
    assert town.run(2600) == []
    assert town.run(200) == ["a"]


def test_who_is_retired_need_not_speak() -> None:
    town = Town(a=Registered(retired=True))
    town.run(300, a=30)
    assert town.run(2000) == []


def test_time_without_a_broker_is_held_against_nobody() -> None:
    town = Town()
    town.run(300, a=30)
    assert town.run(2000, connected=False) == []
    assert town.run(290) == []
    assert town.run(60) == ["a"]
    assert town.silences.look(T0 + town.now_s * S).kinds == {"water": (1, 1)}


def test_a_clock_that_jumps_makes_nobody_silent() -> None:
    town = Town()
    town.run(300, a=30)
    town.now_s += 86_400
    assert town.run(200) == []


def test_a_start_after_a_while_waits_for_everybody_first() -> None:
    town = Town()
    town.run(300, a=30)
    town.silences = Silences(town.facts.every)
    town.now_s += 250
    assert town.run(100) == []
    found = town.silences.look(T0 + town.now_s * S)
    assert found.unheard == {"a"}
    assert town.run(300) == ["a"]
