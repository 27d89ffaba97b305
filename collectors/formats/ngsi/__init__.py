"""What do NGSI-v2 and NGSI-LD entities (FIWARE, Smart Data Models) say, key-values or normalised?

A payload is one entity, a list of them, a GeoJSON feature of one, or a notification with its `data`.
Attributes are grouped by the time at which each was observed; the entity's own stands in where one has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from collectors.formats.ngsi.entity import Attribute, attribute, entity_name
from collectors.formats.ngsi.models import ABOUT, FIELDS, units_of
from collectors.formats.ngsi.when import entity_time, interval_s
from collectors.observation import Decoder, Message, Observation, Observe, check_size, wrong
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 256 * 1024
ENTITIES: Final = 1000
EXAMPLE: Final = (
    b'{"id":"urn:ngsi-ld:WaterConsumptionObserved:w-0001","type":"WaterConsumptionObserved","waterConsumption":'
    b'{"type":"Property","value":191051,"unitCode":"LTR","observedAt":"2025-08-01T10:00:00Z"}}'
)

_decode = msgspec.json.Decoder().decode


def observe(message: Message) -> list[Observation]:
    """What the entities say, in order. Raises BadPayload."""
    check_size(message.payload, LIMIT_BYTES)
    try:
        value = _decode(message.payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    return [said for entity in _entities(value) for said in _observed(entity)]


def _entities(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and "id" in value and value.get("type") == "Feature":
        value = {**_object(value.get("properties"), "properties"), "id": value["id"]}
    elif isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    found = value if isinstance(value, list) else [value]
    if len(found) > ENTITIES:
        raise BadPayload(Reason.TOO_LARGE, f"{len(found)} entities; allowed: {ENTITIES}")
    return [_object(entity, "an entity") for entity in found]


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(f"{what}: {shown(value)}; allowed: an object")
    return value


def _observed(entity: dict[str, Any]) -> list[Observation]:
    name, kind = entity.get("id"), entity.get("type")
    if not isinstance(name, str) or not isinstance(kind, str):
        raise wrong(f"an entity with id {shown(name)} and type {shown(kind)}; both are texts")
    words = (word for word in entity if word not in ("id", "type", "@context"))
    attributes = {word: attribute(entity[word]) for word in words}
    about: dict[str, Any] = {word: attributes.pop(word).value for word in ABOUT if word in attributes}
    about |= _derived(attributes)
    device, own_time = entity_name(name, kind), entity_time(attributes)
    units = units_of(kind, attributes, about.get("meterType"))
    found: dict[str | None, Observation] = {}
    for word, said in attributes.items():
        if said.value is None:
            continue
        at = said.at or own_time
        if at not in found:
            found[at] = Observation({}, at, device, units, about)
        found[at].values[word] = said.value
    return list(found.values())


def _derived(attributes: dict[str, Attribute]) -> dict[str, Any]:
    """The length of the period that a count is of, and the mean voltage over the phases."""
    derived: dict[str, Any] = {}
    length = interval_s(attributes)
    if length is not None:
        derived["interval_s"] = length
    phases = attributes["phaseVoltage"].value if "phaseVoltage" in attributes else None
    if isinstance(phases, dict):
        volts = [v for phase, v in phases.items() if phase in ("L1", "L2", "L3") and type(v) in (int, float)]
        if volts:
            derived["voltage"] = sum(volts) / len(volts)
    return derived


def _open(topics: Sequence[Pattern]) -> Observe:
    return observe


DECODER: Final = Decoder(
    ("ngsi/{device}",), _open, fields=FIELDS, time_unit="iso", example_topic="ngsi/w-0001"
)
