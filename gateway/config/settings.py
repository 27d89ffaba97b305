"""What may a city file say?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from collectors.skew import LATE_S
from collectors.terms import Terms
from collectors.times import TimeUnit
from gateway.access.settings import AccessSettings, OidcSettings
from gateway.alarms.settings import AlarmSettings, MaintenanceSettings, NotifySettings
from gateway.config.checks import DEFAULT_PROTOCOL, DEFAULT_STORE
from gateway.config.file import Fault, SettingsError, load_settings
from gateway.desk.trials.settings import SimulationSettings
from gateway.devices.entry import DeviceEntry
from gateway.devices.settings import Registration, RegistrySettings
from gateway.messages.message import FeedSettings
from gateway.quality.settings import QualitySettings
from signal_control.model import Intersection, on_city_time
from signal_control.operation.modes import Mode, Period
from signal_control.safety import MAX_LIFETIME_S

__all__ = ["Fault", "Settings", "SettingsError", "load"]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class Table(BaseModel):
    """One table of a city file: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CitySettings(Table):
    """Which city this is."""

    site: Id
    """The word that stands for the city in topics and stores."""
    name: str = ""
    timezone: str = "UTC"
    """IANA name; for schedules and people's eyes, everything is kept in UTC."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"no time zone named '{value}'; an IANA name such as Europe/Vienna is wanted"
            ) from None
        return value


class BrokerSettings(Table):
    """How to reach the MQTT broker; `embedded` means that arterial starts one of its own."""

    kind: Literal["embedded", "mqtt"] = "mqtt"
    url: str = "mqtt://127.0.0.1:1883"
    """mqtt://host:port, or mqtts://host:port for TLS."""
    client_id: Annotated[str, Field(max_length=120, pattern=r"^[A-Za-z0-9_.:-]*$")] = ""
    """The broker keeps our messages under this name while we are away; empty means arterial-{site}."""
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    """A file that holds nothing but the password, instead of `password`."""
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"
    client: Literal["fast", "paho"] = "fast"
    """Who reads the packets: arterial itself, or paho-mqtt, at some four times the CPU for all of ingest."""
    share: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_.-]+$")] = "arterial"
    """Workers (`arterial run --only ingest --workers N`) on any number of machines with this word share the
    messages; another word is another group, which gets all of them once more."""
    keepalive_s: Annotated[int, Field(ge=2, le=600)] = 15
    silence_s: Annotated[float, Field(gt=0)] | None = None
    """Reconnect when nothing at all arrives for so long; leave out where quiet is normal."""
    window: Annotated[int, Field(ge=10, le=65_535)] = 4000
    """Messages that may wait here unread: at least the broker's own in-flight limit per client."""

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.url).scheme == "mqtts"

    @property
    def host(self) -> str:
        """Host name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """TCP port; by default 1883, or 8883 with TLS."""
        return urlsplit(self.url).port or (8883 if self.tls else 1883)

    @field_validator("url")
    @classmethod
    def _is_mqtt(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"'{value}' is not of the form mqtt://host:port or mqtts://host:port")
        if parts.username or parts.password:
            raise ValueError("name and password belong into username and password, not into the url")
        _ = parts.port  # raises ValueError when it is no number below 65536
        return value


class StoreSettings(BaseModel):
    """Where readings come to rest. Every other key belongs to that store; its file documents it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str = DEFAULT_STORE
    name: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """What the spool, the books and the board call it; empty means its kind. A renamed store is a new one."""

    @property
    def label(self) -> str:
        """Its name among the stores of this city."""
        return self.name or self.kind

    @property
    def settings(self) -> dict[str, Any]:
        """The store's own settings."""
        return dict(self.model_extra or {})


class CabinetSettings(BaseModel):
    """How one intersection's cabinet is reached. Every other key belongs to that protocol; see its file."""

    model_config = ConfigDict(frozen=True, extra="allow")

    protocol: str = DEFAULT_PROTOCOL

    @property
    def settings(self) -> dict[str, Any]:
        """The protocol's own settings."""
        return dict(self.model_extra or {})


class SpoolSettings(Table):
    """The readings that are safe on disk here and not yet in the store."""

    max_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    refused_max_mb: Annotated[int, Field(ge=1, le=100_000)] = 64
    """Refused payloads are kept up to this size; the oldest go first."""


class ControlSettings(Table):
    """How greens are decided."""

    enabled: bool = True
    """False: watch and store only; no cabinet is ever commanded."""
    strategy: str = "max_pressure"
    strategies: dict[str, str] = {}
    """Another strategy for single intersections, by id."""
    mode: Mode = "adaptive"
    """off, shadow (decide and explain, send nothing), advisory (the same, as advice) or adaptive."""
    modes: dict[str, Mode] = {}
    """Another mode for single intersections, by id."""
    schedule: tuple[Period, ...] = ()
    """Other modes by time of day; of several that cover a moment the last counts."""
    lifetime_s: Annotated[float, Field(ge=2, le=MAX_LIFETIME_S)] = 10.0
    """A command expires after so long; the cabinet then returns to its local plan."""
    tick_s: Annotated[float, Field(ge=0.1, le=10)] = 1.0

    def mode_of(self, intersection: str) -> Mode:
        """The mode that one intersection has without schedule and operator; shadow when control is off."""
        return self.modes.get(intersection, self.mode) if self.enabled else "shadow"

    def strategy_of(self, intersection: str) -> str:
        """The strategy that one intersection starts with."""
        return self.strategies.get(intersection, self.strategy)


class BoardSettings(Table):
    """Where the board is served; who may do what there is [access]."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8321
    names: tuple[str, ...] = ()
    """DNS names under which the board is reached, besides localhost and addresses; others may not switch."""
    cert_file: Path | None = None
    key_file: Path | None = None
    """PEM files of its certificate (with what it is signed by) and key: the board then speaks HTTPS only."""

    @property
    def url(self) -> str:
        """Its address in this computer's own words."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.cert_file else 'http'}://{host}:{self.port}"


class ClockSettings(Table):
    """`system`: this computer's clock. `street`: follow the clock of a simulated street."""

    source: Literal["system", "street"] = "system"


class SourceSettings(Table):
    """Devices that speak on one shape of topic."""

    topic: str = ""
    """For example arterial/{site}/water/{device}; may be left out where the format has a usual one."""
    format: str = "json"
    kind: str
    site: str = ""
    """Where the topic does not name {site}: the site, if it is not the city's own."""
    fields: dict[str, str] = {}
    """Field of the kind -> dotted path of the device's own word for it."""
    units: dict[str, str] = {}
    """Unit of a word where the device sends none: UCUM, SenML and UN/CEFACT codes."""
    time_in: str = ""
    device_in: str = ""
    samples_in: str = ""
    """Dotted paths of the time, the device's name and a list of samples, where the format knows none."""
    others: Literal["keep", "drop"] = "keep"
    """What no field asks for becomes readings of kind measurement, or is dropped."""
    time_unit: TimeUnit = "ms"
    """What `t` of a record counts since the epoch; or iso (text only), auto (by size), arrival (no clock)."""
    late_s: Annotated[float, Field(ge=0)] = LATE_S
    """A reading that comes so long after its own time is flagged as late, never left out; 0: none is."""
    devices: tuple[str, ...] = ()
    """Ids or patterns (# is a digit, w-####) that may speak; empty means all."""
    publisher: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")] = ""
    """The broker's user that speaks for all devices of this source: a network server or gateway. Empty: each
    device speaks for itself."""
    registration: Registration | None = None
    """Whether only registered devices may speak (required, open); left out, what [registry] says."""

    @property
    def terms(self) -> Terms:
        """How its devices' words are read."""
        return Terms(
            self.fields,
            self.units,
            self.time_in,
            self.time_unit,
            self.device_in,
            self.samples_in,
            self.others,
        )


class Settings(Table):
    """A whole city file."""

    city: CitySettings
    broker: BrokerSettings = BrokerSettings()
    store: StoreSettings = StoreSettings()
    """The only store; several are [[stores]] instead."""
    stores: tuple[StoreSettings, ...] = ()
    spool: SpoolSettings = SpoolSettings()
    control: ControlSettings = ControlSettings()
    board: BoardSettings = BoardSettings()
    access: AccessSettings = AccessSettings()
    oidc: OidcSettings | None = None
    alarms: tuple[AlarmSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    notify: tuple[NotifySettings, ...] = ()
    feed: FeedSettings = FeedSettings()
    clock: ClockSettings = ClockSettings()
    quality: QualitySettings = QualitySettings()
    sources: tuple[SourceSettings, ...] = ()
    registry: RegistrySettings = RegistrySettings()
    devices: tuple[DeviceEntry, ...] = ()
    intersections: tuple[Intersection, ...] = ()
    simulation: SimulationSettings = SimulationSettings()
    cabinets: dict[str, CabinetSettings] = {}
    """By intersection; those not named speak MQTT."""

    @field_validator("intersections")
    @classmethod
    def _on_city_time(cls, there: tuple[Intersection, ...], told: ValidationInfo) -> tuple[Intersection, ...]:
        city = told.data.get("city")
        return on_city_time(there, city.timezone) if isinstance(city, CitySettings) else there

    @property
    def destinations(self) -> tuple[StoreSettings, ...]:
        """Every store that gets the readings, at least one; the books of the first are the city's."""
        return self.stores or (self.store,)

    def protocol_of(self, intersection: str) -> str:
        """What the cabinet of an intersection speaks."""
        return self.cabinets.get(intersection, CabinetSettings()).protocol

    @property
    def client_id(self) -> str:
        """Under which name we are known to the broker."""
        return self.broker.client_id or f"arterial-{self.city.site}"


def load(path: Path | str) -> Settings:
    """The settings in `path`, with ARTERIAL__SECTION__KEY from the environment laid over them.

    Raises SettingsError, which names every fault.
    """
    return load_settings(Path(path), Settings)
