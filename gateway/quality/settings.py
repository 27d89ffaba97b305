"""What may a city file say about the quality of readings?"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from collectors.judge.judge import PERIOD_S
from collectors.judge.rules import Other, check
from gateway.quality.feeds import FeedSettings


class BoundSettings(BaseModel):
    """[[quality.rules]]: other bounds for one field of a kind, for some devices or for all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    field: str = ""
    """May be left out where only `expected_s` is said."""
    devices: tuple[str, ...] = ()
    """Ids or patterns (# is a digit, w-####); empty means all."""
    expected_s: Annotated[float, Field(ge=0)] = 0.0
    """So often these devices speak; 0: that is learned."""
    low: float | None = None
    high: float | None = None
    band: Annotated[float, Field(gt=0)] | None = None
    rise: Annotated[float, Field(gt=0)] | None = None
    fall: Annotated[float, Field(gt=0)] | None = None
    per_h: Annotated[float, Field(ge=0)] | None = None
    still: Annotated[int, Field(ge=0)] | None = None
    still_h: Annotated[float, Field(ge=0)] | None = None
    usual_per_h: Annotated[float, Field(gt=0)] | None = None
    slack: Annotated[float, Field(ge=0)] | None = None
    dip: Annotated[float, Field(ge=0)] | None = None
    turns_at: Annotated[float, Field(ge=0)] | None = None
    """What these bounds mean is in docs/quality.md; a kind's own are in its file."""

    @model_validator(mode="after")
    def _means_something(self) -> BoundSettings:
        check(self.other)
        return self

    @property
    def other(self) -> Other:
        """As the judge reads it."""
        plain = self.model_dump(exclude_none=True)
        kept = {"kind", "field", "devices", "expected_s"}
        bounds = {name: value for name, value in plain.items() if name not in kept}
        return Other(self.kind, self.field, bounds, self.devices, self.expected_s)


class QualitySettings(BaseModel):
    """[quality]: how readings are judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    consumption_s: Annotated[float, Field(ge=60, le=86_400)] = PERIOD_S
    """What counters have used is told for spans of so long."""
    rules: tuple[BoundSettings, ...] = ()
    feeds: tuple[FeedSettings, ...] = ()
