"""How do SUMO's own controllers run the signals of a scenario, as baselines?"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import quoteattr

from simulators.networks.netfile import NetFile, Program
from simulators.networks.programs import green_places
from simulators.networks.timing import Timing, retimed

NATIVE: Final = {"fixed": "static", "sumo_actuated": "actuated", "sumo_delay_based": "delay_based"}
"""Baselines that need no cabinet: the network's own program, and SUMO's controllers on it."""
MIN_GREEN_S: Final = 5.0
MAX_GREEN_S: Final = 50.0
"""What SUMO itself gives actuated programs that say nothing."""


def programs_xml(net: NetFile, baseline: str, timing: Timing) -> str:
    """The programs of a baseline as an additional file; nothing when the network's own do as they are."""
    kind = NATIVE[baseline]
    if kind == "static" and timing == Timing():
        return ""
    there = [signal for signal in net.programs if net.links(signal)]
    logics = [_logic(retimed(net.programs[signal], timing), kind, timing) for signal in there]
    return "\n".join(["<additional>", *logics, "</additional>", ""])


def _logic(program: Program, kind: str, timing: Timing) -> str:
    rows = [_phase(program, n, kind, timing) for n in range(len(program.phases))]
    head = f'<tlLogic id={quoteattr(program.signal)} type="{kind}" programID="arterial" '
    return "\n".join([f'{head}offset="{program.offset_s:g}">', *rows, "</tlLogic>"])


def _phase(program: Program, n: int, kind: str, timing: Timing) -> str:
    phase = program.phases[n]
    text = f'  <phase duration="{phase.duration_s:g}" state="{phase.state}"'
    if kind == "static" or n not in green_places(program):
        return f"{text}/>"
    least_s = timing.min_green_s or MIN_GREEN_S
    most_s = max(timing.max_green_s or MAX_GREEN_S, least_s)
    return f'{text} minDur="{least_s:g}" maxDur="{most_s:g}"/>'
