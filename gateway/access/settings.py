"""What may a city file say about logins?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from gateway.access.roles import Role


class AccessSettings(BaseModel):
    """[access]: who must log in, and for how long that lasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: Literal["auto", "required"] = "auto"
    """auto: nobody needs to, as long as there are no users and the board answers this computer only."""
    visitors: Literal["none", "viewer"] = "none"
    """What people who have not logged in may do, once logins are needed."""
    monitoring: Literal["open", "viewer"] = "open"
    """Who may read /metrics and /healthz: everybody, or who brings a login or a token."""
    session_hours: Annotated[float, Field(ge=0.1, le=720)] = 12.0
    """A login ends after so long, whatever happens."""
    idle_minutes: Annotated[float, Field(ge=1, le=43_200)] = 60.0
    """A login ends when nobody has touched the page for so long."""
    code_minutes: Annotated[float, Field(ge=0, le=60)] = 10.0
    """After a second factor, signals may be changed for so long without another; 0: one for each order."""
    requests_per_s: Annotated[float, Field(ge=1, le=10_000)] = 50.0
    """From one address on average; eight times as many at once."""


class OidcSettings(BaseModel):
    """[oidc]: logins at the city's own login server (OpenID Connect)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    """Its address, under which .well-known/openid-configuration is found."""
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret: SecretStr | None = None
    """From a file or the environment only; leave out for a client without one (PKCE is always used)."""
    client_secret_file: Path | None = None
    """A file that holds nothing but the secret."""
    redirect_url: str
    """https://BOARD/oidc/callback, as registered at the login server."""
    label: Annotated[str, Field(max_length=60)] = "Log in with the city's account"
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    role_claim: str = "roles"
    """Dotted path of a word or a list of words in the token, such as realm_access.roles."""
    roles: dict[str, Role] = {}
    """Word of that claim -> role here; of several the highest counts, with none there is no login."""
    second_factors: tuple[str, ...] = ("mfa", "otp", "hwk", "swk")
    """Words of the claim `amr` that mean that a second factor was shown there."""

    @field_validator("issuer", "redirect_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        near = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")
        if not value.startswith(("https://", *near)):
            raise ValueError(f"'{value}' must begin with https:// (http:// only on this computer)")
        return value

    @field_validator("scopes")
    @classmethod
    def _openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError("scopes must contain 'openid'")
        return value
