"""Has the judge been compiled on this machine, and who does it where it has not?"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from collectors.judge import counters, gauges
from collectors.judge.run import compiled_code
from gateway.programs.processes import Child


def compiled_before() -> bool:
    """Whether the result of an earlier compilation lies on disk; numba itself looks closer.

    That is beside the code, or in the folder that NUMBA_CACHE_DIR names.
    """
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    for code in (gauges, counters):
        source = Path(str(code.__file__))
        folder = Path(elsewhere) if elsewhere else source.parent
        inside = f"{source.parent.name}_*" if elsewhere else "__pycache__"
        found = folder.glob(f"{inside}/{source.stem}.*.nbi")
        if not any(file.stat().st_mtime >= source.stat().st_mtime for file in found):
            return False
    return True


async def compiled_beside(log_file: Path) -> bool:
    """Compile in a process of its own, which leaves the result on disk; loading that is quick."""
    child = await Child.start("judge", [sys.executable, "-m", "gateway.quality.compiling"], log=log_file)
    try:
        return await child.wait() == 0
    finally:
        await child.stop(0.0)


if __name__ == "__main__":
    os.nice(10)
    compiled_code()
