"""Did several greens in a row end before those who waited were served?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting
from signal_control.measures.split_failures import NEEDS, by_cycle
from signal_control.model import Intersection

EVENTS: Final = 20_000
"""Of one intersection; some twenty minutes of a busy one."""
SPAN_NS: Final = 1_800_000_000_000
EVERY_S: Final = 60


class _Node:
    """The newest events of one intersection, and which channels stand at the stop line of which phase."""

    def __init__(self, node: Intersection) -> None:
        lanes = {lane.id: lane.phases for lane in node.lanes}
        self.groups = {
            phase.number: (node.id, *(lane.id for lane in node.lanes if phase.number in lane.phases))
            for phase in node.phases
        }
        self.events: deque[tuple[int, int, int]] = deque(maxlen=EVENTS)
        self.channels = {
            phase.number: np.array(
                [d.channel for d in node.detectors if d.role == "stop" and phase.number in lanes[d.lane]],
                np.int64,
            )
            for phase in node.phases
        }

    def in_a_row(self, now_ns: int) -> Iterator[tuple[int, int]]:
        """By phase: how many of its newest cycles failed without one between that did not."""
        while self.events and now_ns - self.events[0][0] > SPAN_NS:
            self.events.popleft()
        if not self.events:
            return
        at_ns, code, param = np.array(self.events, np.int64).T
        for phase, channels in self.channels.items():
            if len(channels):
                cycles = by_cycle(at_ns, code, param, phase, channels)
                if cycles:
                    newest = enumerate(reversed(cycles))
                    yield phase, next((n for n, c in newest if not c.failed), len(cycles))


class _Watch:
    """Looks at every intersection once a minute, each at a second of its own."""

    kinds = ("hires",)

    def __init__(self, known: Known, options: Options) -> None:
        self._nodes = {node.id: _Node(node) for node in known.intersections}

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        node = self._nodes.get(reading.device)
        if node is not None and reading.fields["code"] in NEEDS:
            node.events.append((reading.at_ns, int(reading.fields["code"]), int(reading.fields["param"])))
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        second = now_ns // 1_000_000_000 % EVERY_S
        for n, (name, node) in enumerate(self._nodes.items()):
            if n % EVERY_S == second:
                for phase, failed in node.in_a_row(now_ns):
                    yield Sighting(f"{name}:{phase}", float(failed), node.groups[phase])


RULE = Rule(
    name="split_failures",
    code="A9502",
    title="A split fails again and again",
    priority=3,
    category="T",
    raise_at=4.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=180.0,
    says="Phase {subject} left vehicles standing in {level:.0f} cycles in a row.",
    begin=_Watch,
    causes=("cabinet_silent", "cabinet_flash", "conflict", "spillback"),
    means=(
        "Green and the first five seconds of red were occupied for 80 % or more (Purdue split failure), "
        "four cycles in a row."
    ),
    check=(
        "More traffic than usual: a detour, an event?",
        "Is a stop-line detector stuck on?",
        "`arterial report measure split_failures`: every day at this time? Then change the split.",
    ),
    done="Adaptive strategies give such a phase more, as far as maximum greens let them.",
)
