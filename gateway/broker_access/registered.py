"""Which devices does the registry know?"""

from __future__ import annotations

from pathlib import Path

from gateway.broker_access.accounts import Known
from gateway.config.settings import Settings


def registered(settings: Settings, var: Path) -> set[Known]:
    return set()
