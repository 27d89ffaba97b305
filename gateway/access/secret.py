"""How are passwords, codes and random keys made and checked?"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 256
RECOVERY_CODES: Final = 10
STEP_S: Final = 30
"""RFC 6238: a code counts for one step; clocks may be one step off (RFC 6238 5.2)."""
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
"""argon2id with 64 MiB and three passes: above what RFC 9106 4 asks for where memory is short."""


class WeakPassword(ValueError):
    """The password is too easy; the text says what to change."""


def password_hash(password: str, name: str) -> str:
    """The argon2id hash. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"a password needs {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < 5:
        raise WeakPassword("a password needs at least 5 different characters")
    if len(name) > 2 and name.lower() in password.lower():
        raise WeakPassword("a password must not contain the user's name")
    return _hasher.hash(password)


def password_fits(password: str, hashed: str | None) -> bool:
    """Whether it is the password; takes as long for a user that does not exist."""
    try:
        return _hasher.verify(hashed or _nobody(), password[:LONGEST]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def new_key(prefix: str = "") -> str:
    """256 random bits, to be shown once."""
    return prefix + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What is kept of a random key: it cannot be guessed, so that a fast hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """The token that a page must send along with a session's cookie."""
    return hmac.new(cookie.encode(), b"arterial csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare without telling by time where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_secret() -> str:
    """A TOTP secret (160 bits, base32)."""
    return pyotp.random_base32()


def secret_uri(secret: str, name: str, city: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Arterial {city}".strip())


def step_of(code: str, secret: str, now_s: float, after: int) -> int | None:
    """The time step whose code this is, if it is later than `after`: each code counts once."""
    if not (code.isascii() and code.isdigit()):
        return None
    totp, now = pyotp.TOTP(secret), int(now_s) // STEP_S
    for step in (now, now - 1, now + 1):
        if step > after and same(totp.at(step * STEP_S), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes for the day the phone is lost, 60 random bits each."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    made = ["".join(secrets.choice(letters) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in made]
