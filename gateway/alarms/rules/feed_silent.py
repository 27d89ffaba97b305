"""Have many devices of a kind fallen silent together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.reading import Reading
from gateway.alarms.health import Health
from gateway.alarms.rule import Known, Options, Rule, Sighting


class _Watch:
    """The share of a kind's devices that are overdue."""

    kinds: tuple[str, ...] = ()

    def __init__(self, known: Known, options: Options) -> None:
        self._fewest = options["fewest"]

    def observe(self, reading: Reading) -> Iterable[Sighting]:
        return ()

    def look(self, now_ns: int, health: Health) -> Iterator[Sighting]:
        for kind, (overdue, of) in health.silence.kinds.items():
            level = overdue / of if overdue >= self._fewest else 0.0
            yield Sighting(kind, level, ("broker",), f"{overdue} of {of} devices are overdue.")


RULE = Rule(
    name="feed_silent",
    code="A9203",
    title="A whole feed is silent",
    priority=2,
    category="D",
    raise_at=0.3,
    clear_at=0.05,
    raise_after_s=0.0,
    clear_after_s=60.0,
    says="Many devices of kind {subject} fell silent together. {detail}",
    begin=_Watch,
    means="Not the devices have failed but what they have in common: a gateway, a network server, a bridge.",
    check=(
        "The network server or gateway of that kind, and its connection to the broker.",
        "Has a password or certificate of it expired? `arterial refused list`: is it refused?",
    ),
    done="The single devices raise no alarms while this lasts.",
    causes=("broker_away",),
    options={"fewest": 5.0},
)
