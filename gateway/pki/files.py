"""Where does the authority keep its files, and who may read them?"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME_RULE: Final = "1 to 64 of A-Z a-z 0-9 _ . : -"
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class PkiError(Exception):
    """The authority cannot do what was asked; the text says why and what can be done."""


@dataclass(frozen=True, slots=True)
class Places:
    """The files of an authority below one folder."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The authority's certificate: every device and server gets a copy."""
        return self.folder / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """The authority's private key: whoever has it can be any device."""
        return self.folder / "ca.key"

    @property
    def revoked(self) -> Path:
        """The revocation list (CRL), for the broker's `crlfile`."""
        return self.folder / "crl.pem"

    @property
    def register(self) -> Path:
        """What was issued and revoked, one JSON line each."""
        return self.folder / "register.jsonl"

    def certificate(self, use: str, name: str) -> Path:
        """Where a certificate lies."""
        return self.folder / f"{use}s" / f"{_file_name(name)}.pem"

    def key(self, use: str, name: str) -> Path:
        """Where its private key lies, unless the device keeps it itself."""
        return self.folder / f"{use}s" / f"{_file_name(name)}.key"


def checked_name(name: str) -> str:
    """`name` when it can be a device and a broker's user; raises PkiError otherwise."""
    if _NAME.fullmatch(name):
        return name
    raise PkiError(f"'{name}' cannot be a name in a certificate; allowed: {NAME_RULE}")


def write_public(path: Path, content: bytes) -> None:
    """Replace a file that everybody may read, in one step."""
    _write(path, content, 0o644)


def write_secret(path: Path, content: bytes) -> None:
    """Replace a file that only its owner may read, in one step; it is never readable by others in between."""
    _write(path, content, 0o600)


def pem(certificate: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """As text, the way brokers and devices want it."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey, passphrase: str | None = None) -> bytes:
    """A private key as PKCS #8, encrypted where there is a passphrase."""
    how = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _file_name(name: str) -> str:
    """Colons are no part of file names everywhere; no two names become one, for `=` is in none of them."""
    return name.replace(":", "=")


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
