"""How does a test get a certificate for 127.0.0.1?"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def certificate(folder: Path) -> tuple[Path, Path]:
    """A new key and a certificate that is its own authority, as files under `folder`."""
    key, authority = folder / "key.pem", folder / "ca.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = [
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        str(key),
        "-out",
        str(authority),
    ]
    subprocess.run([program("openssl"), "req", *make, *subject], check=True, capture_output=True)
    return key, authority


def program(name: str) -> str:
    """Its path; without it the test is skipped, and fails when CI=true."""
    path = shutil.which(name)
    if path is None:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(f"no {name} here")
    return str(path)
