"""How are strategies compiled without holding the running city up? `python -m gateway.warm`

Compiling takes tens of seconds on a small machine when it has never been done. A process of its own does it
and leaves the result on disk; loading that takes a second. It ends with the city, whatever it is at.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from gateway.programs.processes import Child
from signal_control.model import Intersection
from signal_control.warm import warm_up


async def compile_beside(log: Path) -> None:
    """Compile every strategy in a process of its own, then load the result. Cancelling ends the process."""
    child = await Child.start("warm", [sys.executable, "-m", "gateway.warm"], log=log)
    try:
        done = await child.wait()
    finally:
        await child.stop(0.0)
    if done == 0:
        await asyncio.to_thread(warm_up, crossing())


def crossing() -> Intersection:
    """The smallest intersection: what is compiled for it serves every other one."""
    phase: dict[str, Any] = {"ring": 1, "min_green_s": 5, "max_green_s": 30, "yellow_s": 3.0}
    phases = [{"number": n, "label": str(n), "barrier": b, **phase} for b, n in enumerate((2, 4), 1)]
    lanes = [
        {"id": f"l{n}", "link": f"l{n}", "phases": [n], "turns": ["through"], "length_m": 100} for n in (2, 4)
    ]
    splits = [{"phase": n, "split_s": 20} for n in (2, 4)]
    plan = {"cycle_s": 40, "sequence": [[2, 4]], "splits": splits}
    named = {"id": "x", "name": "Crossing"}
    return Intersection.model_validate({**named, "phases": phases, "lanes": lanes, "plan": plan})


if __name__ == "__main__":
    warm_up(crossing())
