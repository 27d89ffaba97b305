"""Do the names in a city file mean something, here and across its tables?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, cast, get_args

from pydantic import ValidationError

from collectors.declare import declared
from collectors.device_source import DeviceSource
from collectors.plugins import decoders, formats, kinds
from collectors.registry import Devices
from collectors.source import Source, Sources
from collectors.terms import Terms
from collectors.times import TimeUnit
from gateway.cabinet import protocols
from gateway.config.words import Complaint, complaints, label, no_such
from gateway.devices.declared import device_faults
from signal_control.view import strategy_names
from storage.connect import backends

Raw = dict[str, Any]

DEFAULT_STORE: Final = "duckdb"
DEFAULT_PROTOCOL: Final = "mqtt"
_BLAMED: Final = (("time_unit", "time_unit"), ("no field", "fields"), ("no unit", "units"), ("'", "units"))
"""How what a source says of itself begins, and which key that is about."""
_OURS: Final = ("kind", "name")
"""Keys of a store that are ours, not the backend's."""


def cross_check(raw: Raw) -> list[Complaint]:
    """What the types alone cannot see. Works on the plain tables, so that it also finds faults in a file that
    has others; whatever has the wrong type is left to the types."""
    return [
        *_stores(raw),
        *_control(raw),
        *_modes(raw),
        *_sources(raw),
        *device_faults(raw),
        *_intersections(raw),
        *_cabinets(raw),
        *_encryption(raw),
    ]


def _stores(raw: Raw) -> Iterator[Complaint]:
    """One [store], or several [[stores]] that are told apart by name and lead to different places."""
    if "stores" not in raw:
        yield from _store(raw, ("store",), _table(raw, "store"))
        return
    if "store" in raw:
        yield "store", "give either one [store] or several [[stores]], not both"
    names: list[str] = []
    places: list[Raw] = []
    for index, table in enumerate(_tables(raw, "stores")):
        yield from _store(raw, ("stores", index), table)
        name = str(table.get("name") or table.get("kind", DEFAULT_STORE))
        where = label(("stores", index), raw)
        if name in names:
            yield where, f"two stores are named '{name}' (the kind, where none is given): give each a name"
        place = {"kind": DEFAULT_STORE, **{key: value for key, value in table.items() if key != "name"}}
        if place in places:
            yield where, f"leads to the same place as store {places.index(place) + 1}"
        names.append(name)
        places.append(place)


def _store(raw: Raw, place: tuple[int | str, ...], table: Raw) -> Iterator[Complaint]:
    """The store's own keys are checked by the store's own file."""
    kind = table.get("kind", DEFAULT_STORE)
    yield from _choice(f"{label(place, raw)}.kind", "store", kind, backends())
    if kind in backends():
        model = backends()[kind].Settings
        try:
            model.model_validate({key: value for key, value in table.items() if key not in _OURS})
        except ValidationError as error:
            yield from complaints(error, model, raw, place)


def _control(raw: Raw) -> Iterator[Complaint]:
    control = _table(raw, "control")
    yield from _choice("control.strategy", "strategy", control.get("strategy"), strategy_names())
    ids = _ids(raw)
    for intersection, name in _table(control, "strategies").items():
        where = f"control.strategies.{intersection}"
        yield from _choice(where, "intersection", intersection, ids)
        yield from _choice(where, "strategy", name, strategy_names())


def _modes(raw: Raw) -> Iterator[Complaint]:
    """Intersections that a mode or a period is meant for."""
    control, ids = _table(raw, "control"), _ids(raw)
    for intersection in _table(control, "modes"):
        yield from _choice(f"control.modes.{intersection}", "intersection", intersection, ids)
    for index, period in enumerate(_tables(control, "schedule")):
        for intersection in period.get("intersections", ()):
            yield from _choice(
                f"control.schedule.{index + 1}.intersections", "intersection", intersection, ids
            )


def _sources(raw: Raw) -> Iterator[Complaint]:
    """Names first; the shape of a topic is judged only for sources whose names are right."""
    sound: list[tuple[str, Source | DeviceSource]] = []
    for index, table in enumerate(_tables(raw, "sources")):
        where = label(("sources", index), raw)
        wrong = [
            *_choice(f"{where}.format", "format", table.get("format"), {**formats(), **decoders()}),
            *_choice(f"{where}.kind", "kind", table.get("kind"), kinds()),
        ]
        yield from wrong
        if not wrong and isinstance(table.get("kind"), str):
            home = _table(raw, "city").get("site")
            yield from _source(where, table, home if isinstance(home, str) and home else "city", sound)


def _source(
    where: str, table: Raw, home: str, sound: list[tuple[str, Source | DeviceSource]]
) -> Iterator[Complaint]:
    topic, format_, site = (_text(table, key) for key in ("topic", "format", "site"))
    try:
        source = declared(topic, format_ or "json", table["kind"], site, _terms(table), home)
        Sources([*(other for _, other in sound), source])
    except ValueError as error:
        key = next((key for start, key in _BLAMED if str(error).startswith(start)), "topic")
        yield f"{where}.{key}", str(error)
    else:
        sound.append((where, source))
    rules = table.get("devices")
    if isinstance(rules, list) and all(isinstance(rule, str) for rule in rules):
        try:
            Devices({table["kind"]: rules})
        except ValueError as error:
            yield f"{where}.devices", str(error)


def _terms(table: Raw) -> Terms:
    """What the entry declares, as far as it has the right types; what has not is left to the types."""
    unit = _text(table, "time_unit")
    fields, units = (
        {name: text for name, text in _table(table, key).items() if isinstance(text, str)}
        for key in ("fields", "units")
    )
    paths = {key: _text(table, key) for key in ("time_in", "device_in", "samples_in")}
    chosen = cast(TimeUnit, unit if unit in get_args(TimeUnit) else "ms")
    others: Literal["keep", "drop"] = "drop" if table.get("others") == "drop" else "keep"
    return Terms(fields, units, time_unit=chosen, others=others, **paths)


def _intersections(raw: Raw) -> Iterator[Complaint]:
    for name, times in Counter(_ids(raw)).items():
        if times > 1:
            yield f"intersections.{name}", f"is declared {times} times"
    lanes = Counter(
        lane["id"]
        for table in _tables(raw, "intersections")
        for lane in _tables(table, "lanes")
        if isinstance(lane.get("id"), str)
    )
    for index, table in enumerate(_tables(raw, "intersections")):
        mine = Counter(str(lane.get("id")) for lane in _tables(table, "lanes"))
        for lane, times in mine.items():
            if lanes[lane] > times:
                yield (
                    label(("intersections", index), raw),
                    f"lane {lane} also belongs to another intersection",
                )


def _cabinets(raw: Raw) -> Iterator[Complaint]:
    """The protocol's own keys are checked by the protocol's own file."""
    ids = _ids(raw)
    for name, found in _table(raw, "cabinets").items():
        where, table = f"cabinets.{name}", found if isinstance(found, dict) else {}
        yield from _choice(where, "intersection", name, ids)
        chosen = table.get("protocol", DEFAULT_PROTOCOL)
        yield from _choice(f"{where}.protocol", "cabinet protocol", chosen, protocols())
        if chosen in protocols():
            model = protocols()[chosen].Settings
            try:
                model.model_validate({key: value for key, value in table.items() if key != "protocol"})
            except ValidationError as error:
                yield from complaints(error, model, raw, ("cabinets", name))


def _encryption(raw: Raw) -> Iterator[Complaint]:
    broker = _table(raw, "broker")
    files = [key for key in ("ca_file", "cert_file", "key_file") if broker.get(key)]
    if files and not str(broker.get("url", "")).startswith("mqtts://"):
        yield f"broker.{files[0]}", "is for TLS only; the url must then begin with mqtts://"
    if bool(broker.get("cert_file")) != bool(broker.get("key_file")):
        yield "broker.cert_file", "cert_file and key_file go together"
    board = _table(raw, "board")
    if bool(board.get("cert_file")) != bool(board.get("key_file")):
        yield "board.cert_file", "cert_file and key_file go together"


def _choice(where: str, what: str, name: object, there: Iterable[str]) -> Iterator[Complaint]:
    choices = list(there)
    if isinstance(name, str) and name not in choices:
        yield where, no_such(what, name, choices)


def _ids(raw: Raw) -> list[str]:
    return [t["id"] for t in _tables(raw, "intersections") if isinstance(t.get("id"), str)]


def _text(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def _table(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _tables(raw: Raw, key: str) -> list[Raw]:
    value = raw.get(key)
    return [entry if isinstance(entry, dict) else {} for entry in value] if isinstance(value, list) else []
