"""Where do the notes of a running arterial go?"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MAX_BYTES: Final = 10_000_000


def log_to(folder: Path, shown: int = logging.WARNING) -> Path:
    """Everything from INFO up into a file in `folder`, from `shown` up also to standard error."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "arterial.log"
    file = RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=3, encoding="utf-8")
    screen = logging.StreamHandler()
    screen.setLevel(shown)
    for handler in (file, screen):
        handler.setFormatter(logging.Formatter(_LINE))
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return path
