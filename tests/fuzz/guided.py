"""Does a message made to reach new code break a decoder? `python -m tests.fuzz.guided [INPUTS] [FORMAT]`.

The second engine beside tests.fuzz.run, where atheris is installed (`pip install atheris`): libFuzzer begins
with the same whole messages and keeps what reaches lines not reached before. Each format has a process of its
own, for libFuzzer ends the one it runs in.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 4096
_STATS = re.compile(r"stat::number_of_executed_units:\s+(\d+)|cov: (\d+)")


def there() -> bool:
    """Whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def everything(inputs: int) -> list[str]:
    """Guide `inputs` messages over all formats; returns what broke, and prints a line for each format."""
    from tests.fuzz.seeds import targets

    names, broken = list(targets()), []
    print(f"{'guided':<16}{'inputs':>17}{'places':>17}")
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz.guided", str(inputs // len(names) + 1), name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
        found = _STATS.findall(done.stderr)
        executed = next((units for units, _ in found if units), "?")
        places = [int(cov) for _, cov in found if cov]
        print(f"{name:<16}{executed:>17}{max(places, default=0):>17}", flush=True)
        if done.returncode:
            broken.append(f"{name}: {done.stderr[-1500:]}")
    return broken


def _guide(name: str, inputs: int) -> None:
    """Feed one format until all inputs are spent; does not return."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    with atheris.instrument_imports(include=["collectors"]):
        from tests.fuzz import run, seeds

    target = seeds.targets()[name]

    def one(data: bytes) -> None:
        outcome = run.Outcome()
        run.feed(target, target.topic, data, outcome)
        if outcome.broken:
            raise AssertionError(outcome.broken[0])
        if outcome.slowest_ms > run.LIMIT_MS:
            raise AssertionError(f"{outcome.slowest_ms:.0f} ms: {data[:300]!r}")

    if name == "sparkplug":
        run._birth(target, run.Outcome())
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        for number, seed in enumerate(target.seeds):
            (corpus / f"seed-{number}").write_bytes(seed)
        words = [f"-runs={inputs}", "-seed=1", f"-max_len={MAX_BYTES}", "-print_final_stats=1", folder]
        atheris.Setup(["guided", *words, f"-artifact_prefix={folder}/"], one)
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Guide one format, or all of them one after the other."""
    inputs: Any = int(arguments[0]) if arguments else 100_000
    if len(arguments) > 1:
        _guide(arguments[1], inputs)
        return 0
    if not there():
        print("atheris is not installed: pip install atheris")
        return 1
    broken = everything(inputs)
    for line in broken:
        print(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
