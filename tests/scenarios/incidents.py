"""Which incidents are staged in the simulated city, and within which time must each be noticed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.alarms.health import StoreHealth
from tests.scenarios.drill import START_MS, Distort, Drill

Act = Callable[[Drill], None]


@dataclass(frozen=True)
class Incident:
    """What happens from `begin_s` to `end_s`, which alarm that is, and how soon it must come and go."""

    title: str
    rule: str
    subject: str
    begin_s: int
    end_s: int
    raise_within_s: int
    clear_within_s: int
    start: Act
    stop: Act


@dataclass(frozen=True)
class Outcome:
    """What became of an incident: seconds after its begin and its end; None: never."""

    incident: Incident
    raised: int
    raised_after_s: float | None
    cleared_after_s: float | None

    @property
    def good(self) -> bool:
        """Raised once and in time, and over in time."""
        one = self.incident
        came, went = self.raised_after_s, self.cleared_after_s
        in_time = came is not None and 0 <= came <= one.raise_within_s
        return self.raised == 1 and in_time and went is not None and 0 <= went <= one.clear_within_s


def play(drill: Drill, script: Sequence[Incident], every_s: int = 1) -> list[Outcome]:
    """Run the script to its end and a little longer, and look what was raised."""
    acts = [(one.begin_s, one.start) for one in script] + [(one.end_s, one.stop) for one in script]
    now_s = 0
    for at_s, act in sorted(acts, key=lambda pair: pair[0]):
        drill.run(at_s - now_s, every_s)
        now_s = at_s
        act(drill)
    drill.run(max(one.end_s + one.clear_within_s for one in script) - now_s, every_s)
    return [_outcome(drill, one) for one in script]


def _outcome(drill: Drill, one: Incident) -> Outcome:
    begin_ns, end_ns = ((START_MS + 1000 * s) * 1_000_000 for s in (one.begin_s, one.end_s))
    mine = [h for h in drill.happened if (h.alarm.rule, h.alarm.subject) == (one.rule, one.subject)]
    raised = [h.at_ns for h in mine if h.what == "raised"]
    cleared = [h.at_ns for h in mine if h.what == "cleared"]
    came = (raised[0] - begin_ns) / 1e9 if raised else None
    went = (cleared[-1] - end_ns) / 1e9 if cleared else None
    return Outcome(one, len(raised), came, went)


def unscripted(drill: Drill, script: Sequence[Incident]) -> list[str]:
    """Alarms that no incident of the script explains."""
    scripted = {(one.rule, one.subject) for one in script}
    return [
        f"{h.alarm.rule} {h.alarm.subject}: {h.alarm.text}"
        for h in drill.told("raised")
        if (h.alarm.rule, h.alarm.subject) not in scripted
    ]


def distort(kind: str, device: str, after: dict[str, Any] | None = None, **fields: Any) -> tuple[Act, Act]:
    """The device sends other values for a while, and `after` those."""
    name = f"{kind}/{device}/{','.join(fields)}"

    def change(of: str, who: str, record: dict[str, Any]) -> dict[str, Any]:
        return {**record, **fields} if (of, who) == (kind, device) else record

    start, stop = _distorting(name, change)

    def over(drill: Drill) -> None:
        stop(drill)
        if after:
            distort(kind, device, **after)[0](drill)

    return start, over


def _distorting(name: str, change: Distort) -> tuple[Act, Act]:
    def start(drill: Drill) -> None:
        drill.distortions[name] = change

    def stop(drill: Drill) -> None:
        del drill.distortions[name]

    return start, stop


def mute(name: str, *kinds: str) -> tuple[Act, Act]:
    """Nothing of these kinds arrives from a device; `*`: from any."""
    return _distorting(
        f"mute {name}",
        lambda kind, device, record: None if kind in kinds and name in (device, "*") else record,
    )


def deaf(*channels: int) -> tuple[Act, Act]:
    """Events of these detectors are lost."""

    def change(kind: str, device: str, record: dict[str, Any]) -> dict[str, Any]:
        if kind != "hires":
            return record
        events = [e for e in record["events"] if not (e[1] in (81, 82) and e[2] in channels)]
        return {**record, "events": events}

    return _distorting(f"deaf {channels}", change)


def burning(device: str) -> tuple[Act, Act]:
    """A bin gets hotter by eight degrees a minute."""
    begun: list[int] = []

    def change(kind: str, who: str, record: dict[str, Any]) -> dict[str, Any]:
        if (kind, who) != ("waste", device):
            return record
        begun.append(record["t"])
        return {**record, "temperature_c": 15 + 8 * (record["t"] - begun[0]) / 60_000}

    return _distorting(f"burning {device}", change)


def dark(share: int) -> tuple[Act, Act]:
    """Every so many-th electricity meter has no voltage."""

    def change(kind: str, device: str, record: dict[str, Any]) -> dict[str, Any]:
        out = kind == "power" and int(device[-2:]) % share == 0
        return {**record, "voltage_v": 0.0, "power_kw": 0.0} if out else record

    return _distorting("dark", change)


def shifted(kind: str, device: str, ms: int) -> tuple[Act, Act]:
    """A device's clock is wrong."""

    def change(of: str, who: str, record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "t": record["t"] + ms} if (of, who) == (kind, device) else record

    return _distorting(f"clock {device}", change)


def log(device: str, on: Sequence[int], off: Sequence[int], param: int) -> tuple[Act, Act]:
    """The cabinet logs that something begins, and that it ends."""

    def say(codes: Sequence[int]) -> Act:
        def act(drill: Drill) -> None:
            for code in codes:
                drill.log(device, code, param)

        return act

    return say(on), say(off)


def store(**health: Any) -> tuple[Act, Act]:
    """The store is not well."""

    def start(drill: Drill) -> None:
        drill.health = drill.health._replace(stores=(StoreHealth("store", **health),))

    def stop(drill: Drill) -> None:
        drill.health = drill.health._replace(stores=(StoreHealth("store"),))

    return start, stop


def program(**health: Any) -> tuple[Act, Act]:
    """Something else of the program is not well."""
    before: dict[str, Any] = {}

    def start(drill: Drill) -> None:
        before.update({name: getattr(drill.health, name) for name in health})
        drill.health = drill.health._replace(**health)

    def stop(drill: Drill) -> None:
        drill.health = drill.health._replace(**before)

    return start, stop


def demand(lane: str, veh_h: float) -> tuple[Act, Act]:
    """More vehicles come than a lane can let go."""
    usual: list[float] = []

    def start(drill: Drill) -> None:
        usual.append(drill.street.veh_h[lane])
        drill.street.veh_h[lane] = veh_h

    def stop(drill: Drill) -> None:
        drill.street.veh_h[lane] = usual[0]
        drill.street.turn_away(lane)

    return start, stop


def lost_commands() -> tuple[Act, Act]:
    """Commands do not reach the cabinets."""

    def start(drill: Drill) -> None:
        drill.commanded = False

    def stop(drill: Drill) -> None:
        drill.commanded = True

    return start, stop


def refusing(device: str) -> tuple[Act, Act]:
    """The cabinet refuses every command."""

    def start(drill: Drill) -> None:
        cabinet = drill.cabinets[device]
        cabinet.command = lambda payload: {  # type: ignore[method-assign]
            "t": drill.city.now_ms,
            "id": payload.get("id", "") if isinstance(payload, dict) else "",
            "accepted": False,
            "reason": "remote control is switched off at the door",
        }

    def stop(drill: Drill) -> None:
        del drill.cabinets[device].command  # type: ignore[method-assign]

    return start, stop


def tripped(device: str) -> tuple[Act, Act]:
    """The conflict monitor trips at the next change of the lights; a technician resets it."""

    class _Monitor:
        fault = "conflict between phases 2 and 4"

        def check(self, now_ms: int, lights: object) -> str:
            return self.fault

        def reset(self) -> None:
            self.fault = ""

    def start(drill: Drill) -> None:
        drill.cabinets[device]._monitor = _Monitor()  # type: ignore[assignment]

    def stop(drill: Drill) -> None:
        drill.cabinets[device].reset()

    return start, stop


def garbage(topic: str, each: int) -> tuple[Act, Act]:
    """A device sends what nobody can read, so many times for every message of a meter."""

    def start(drill: Drill) -> None:
        def change(kind: str, device: str, record: dict[str, Any]) -> dict[str, Any]:
            for _ in range(each if kind == "water" else 0):
                drill.send(*topic.split("/"), {"t": record["t"], "fill": "half"})
            return record

        drill.distortions["garbage"] = change

    def stop(drill: Drill) -> None:
        del drill.distortions["garbage"]

    return start, stop
