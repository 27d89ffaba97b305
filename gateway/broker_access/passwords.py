"""Which password does each device have, and how does mosquitto recognise it?"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

ROUNDS: Final = 1000
"""mosquitto works them off at each connection: for all devices at once after a power cut. Our passwords are
random numbers of 192 bits, which nobody finds by trying, whatever the rounds."""
_BYTES: Final = 24
_SALT_BYTES: Final = 12


def told(path: Path) -> dict[str, str]:
    """The passwords by name in a file that `listed` made; none where there is no file. Raises OSError."""
    if not path.exists():
        return {}
    return {row["name"]: row["password"] for row in csv.DictReader(path.read_text("utf-8").splitlines())}


def completed(passwords: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """The password of each of `names`: the one it has, else a new one."""
    return {name: passwords.get(name) or secrets.token_urlsafe(_BYTES) for name in sorted(names)}


def listed(passwords: dict[str, str]) -> bytes:
    """As a table for whoever sets up the devices: to be kept secret."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("name", "password"), *sorted(passwords.items())])
    return text.getvalue().encode()


def password_file(passwords: dict[str, str]) -> str:
    """mosquitto's `password_file`: PBKDF2 with SHA-512, `name:$7$rounds$salt$hash`."""
    lines = []
    for name, password in sorted(passwords.items()):
        salt, digest = _digest(password)
        lines.append(f"{name}:$7${ROUNDS}${salt}${digest}\n")
    return "".join(lines)


def security_fields(passwords: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What the dynamic security plugin keeps of each password."""
    found = {}
    for name, password in passwords.items():
        salt, digest = _digest(password)
        found[name] = {"password": digest, "salt": salt, "iterations": ROUNDS}
    return found


def _digest(password: str) -> tuple[str, str]:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, 64)
    return base64.b64encode(salt).decode(), base64.b64encode(digest).decode()
