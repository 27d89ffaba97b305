"""How are readings written with the official client to /api/v2/write (InfluxDB 2, VictoriaMetrics)?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from storage.store import Store

NAME = "influx2"
DOC = "InfluxDB 2.x buckets, also VictoriaMetrics (numbers only, read with PromQL), through influxdb-client."


class Settings(BaseModel):
    """`[store]` with backend = "influx2". Reading back needs a DBRP mapping of the bucket's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("http://127.0.0.1:8086")
    token: SecretStr = SecretStr("")
    org: str = "arterial"
    bucket: Annotated[str, Field(min_length=1)] = "arterial"
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0


async def connect(settings: Mapping[str, object], var: Path) -> Store:
    """A store on the bucket that `settings` names; pydantic.ValidationError when they are not `Settings`.

    Nothing is sent yet: a server that is down is StoreUnavailable later, and does not stop the start.
    """
    found = Settings.model_validate(settings)
    from storage.backends._influx2_store import Influx2Store  # 25 MB, for those who use it

    return Influx2Store(found)
