"""How do many runs share the machine, or a Ray cluster, and tell how far they are?"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from simulators.evaluate_run import Run
from simulators.networks.job import Job

Tell = Callable[[int, float], None]
"""Told which job is how far (0 to 1)."""

_queue: Any = None


def run_here(jobs: Sequence[Job], processes: int, tell: Tell) -> Iterator[tuple[int, Run]]:
    """Run every job in a process of its own, so many at a time; yields number and run as they end.

    What a run raises is raised here, and the others are given up.
    """
    context = multiprocessing.get_context("spawn")  # SUMO keeps one street per process for good
    told = context.Queue()
    listener = threading.Thread(target=_listen, args=(told, tell), name="progress", daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(
        processes, mp_context=context, initializer=_take_queue, initargs=(told,), max_tasks_per_child=1
    )
    try:
        flying = {pool.submit(_one, number, job): number for number, job in enumerate(jobs)}
        for done in as_completed(flying):
            yield flying[done], done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        told.put(None)
        listener.join(5.0)


def _listen(told: Any, tell: Tell) -> None:
    while (news := told.get()) is not None:
        tell(*news)


def _take_queue(told: Any) -> None:
    global _queue
    _queue = told


def _one(number: int, job: Job) -> Run:
    from simulators.evaluate import run

    return run(job, lambda share: _queue.put((number, share)))
