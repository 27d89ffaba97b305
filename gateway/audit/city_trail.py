"""What of a running city goes into its audit trail by itself?"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from collectors.reading import Reading
from gateway.audit.config_change import config_change
from gateway.audit.recorder import Recorder, opened
from gateway.cabinet import state_of
from gateway.config.settings import Settings


def begun(settings: Settings, folder: Path) -> Recorder:
    """The trail in `folder`; that the program began, and what changed in the city file, is noted first.

    Raises OSError.
    """
    audit = opened(folder)
    now_ns = time.time_ns()
    version = metadata.version("arterial")
    audit.changed(now_ns, "arterial", "start", "city", None, version, "The program began.")
    change = config_change(settings, folder, now_ns)
    if change is not None:
        audit.note(change)
    return audit


def lights(audit: Recorder) -> Callable[[Reading], None]:
    """A listener that tells the trail what the cabinets show."""

    def listen(reading: Reading) -> None:
        if reading.kind == "signal":
            audit.shown(reading.device, state_of(reading))

    return listen
