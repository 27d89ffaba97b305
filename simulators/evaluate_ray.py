"""How do many runs go to a Ray cluster?

Every machine of the cluster needs arterial with its `demo` and `cluster` extras in the same version, and the
scenario's files under the same path. `local` starts a cluster of this machine alone.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simulators.evaluate_run import Run
from simulators.networks.job import Job
from simulators.street_net import StreetError

HERE = "local"


def run_on_ray(
    jobs: Sequence[Job], address: str, processes: int, tell: Callable[[int, float], None]
) -> Iterator[tuple[int, Run]]:
    """Run every job as a task of its own process; yields number and run as they end.

    `processes` is how many this machine runs at a time when it is the cluster. Raises StreetError without
    Ray, or when the cluster cannot be reached.
    """
    ray = _connected(address, processes)
    try:
        task = ray.remote(num_cpus=1, max_calls=1)(_one)  # SUMO keeps one street per process for good
        flying = {task.remote(job): number for number, job in enumerate(jobs)}
        while flying:
            (done,), _ = ray.wait(list(flying), num_returns=1)
            number = flying.pop(done)
            tell(number, 1.0)
            yield number, _result(ray, done)
    finally:
        ray.shutdown()


def _connected(address: str, processes: int) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise StreetError("Ray is not installed; install it with: pip install 'arterial[cluster]'") from error
    _reach(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address == HERE:
        options |= {"address": "local", "num_cpus": processes, "include_dashboard": False}
    else:
        options |= {"address": address}
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise StreetError(f"no Ray cluster at {address!r}: {error}") from error
    return ray


def _reach(address: str) -> None:
    """Ray itself takes two minutes to find that nobody is there; raises StreetError within seconds."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=5.0).close()
    except OSError as error:
        raise StreetError(f"no Ray cluster at {address!r}: {error}") from error


def _result(ray: Any, done: Any) -> Run:
    """The run; what it raised is raised here as it was there."""
    try:
        found: Run = ray.get(done)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    return found


def _one(job: Job) -> Run:
    from simulators.evaluate import run

    return run(job)
