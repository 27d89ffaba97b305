"""Is everything compiled before the first green needs it?"""

from __future__ import annotations

from signal_control.estimation.run import compile_estimates
from signal_control.model import Intersection
from signal_control.view import create, strategies


def warm_up(intersection: Intersection) -> None:
    """Compile the estimates and make every strategy once, so that nothing has to be compiled later on."""
    compile_estimates()
    for name in strategies():
        create(name, intersection)
