"""How does what a device says become readings: which of its words is which field, and in which unit?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from collectors.field import Field
from collectors.flat import MISSING, Path, plain
from collectors.kind import Kind, Record
from collectors.observation import Fields, Observation, wrong
from collectors.original import ORIGINAL
from collectors.plugins import choose, kinds
from collectors.reading import Reading, shown
from collectors.units import Conversion, conversion, converted, number_and_unit

MEASUREMENT: Final = "measurement"
"""The kind that takes what no field asks for."""

PLANS: Final = 1024
"""Sets of words whose way to a reading is remembered; beyond it all are worked out again."""

_TAG: Final = Field("str")


class Wish(NamedTuple):
    """One field or tag of a kind, and where a device may say it; the first place with something counts."""

    name: str
    places: tuple[Path, ...]
    declared: Field
    tag: bool


class Step(NamedTuple):
    """A word that becomes a field, and how, where its number changes."""

    word: str
    name: str
    unit: str
    by: Conversion | None


class FieldMap:
    """Observations in, readings of one kind out; what no field asks for becomes measurements.

    `fields` says where a field is, by dotted path; a field that is not named is looked for under its own
    name. `units` are those of the device's own words, where it does not send them. A device need not say
    everything at once: without a required field, what it says is kept as measurements. Raises ValueError for
    a field that the kind does not have, and for a unit that cannot become the field's.
    """

    def __init__(
        self, kind: str, fields: Fields, units: Mapping[str, str] | None = None, keep_others: bool = True
    ) -> None:
        self._kind: Kind = choose("kind", kind, kinds())
        self._measured: Kind = kinds()[MEASUREMENT]
        self._units = dict(units or {})
        self._keep_others = keep_others or kind == MEASUREMENT
        self._wishes = () if kind == MEASUREMENT else _wishes(self._kind, fields)
        self._required = frozenset(n for n, declared in self._kind.fields.items() if declared.required)
        self._plans: dict[object, tuple[Step, ...]] = {}
        _check_units(self._wishes, self._units)
        places = (place.text for wish in self._wishes for place in wish.places)
        self._words = frozenset(word for text in places for word in (text, text.partition(".")[0]))
        """What a device says that any field may be interested in."""

    def readings(self, said: Observation, site: str, device: str, received_ns: int) -> list[Reading]:
        """The readings of one observation; none where it says nothing at all. Raises BadPayload."""
        short = self._short_way(said, site, device, received_ns) if self._wishes else None
        if short is not None:
            return short
        others: Record = said.values
        found: list[Reading] = []
        if self._wishes and not self._words.isdisjoint(others):
            record, taken, originals = self._found(said)
            if record and self._required <= record.keys():
                record["t"] = said.t
                found = self._kind.readings(record, site, device, received_ns)
                if originals:
                    found[0].fields[ORIGINAL] = "; ".join(originals)
                if len(taken) == len(others) and taken == others.keys():
                    return found
                if self._keep_others:
                    others = {name: value for name, value in plain(others).items() if name not in taken}
        if not self._keep_others:
            if not found and others:
                raise wrong(f"no {self._kind.name} in it; there are: {', '.join(map(str, others))[:200]}")
        elif others and (None not in others.values() or any(v is not None for v in others.values())):
            units = {**said.units, **self._units} if self._units else said.units
            measured = {"t": said.t, "values": others, "units": units, "label": said.label}
            found += self._measured.readings(measured, site, device, received_ns)
        return found

    def _short_way(self, said: Observation, site: str, device: str, received_ns: int) -> list[Reading] | None:
        """As `readings`, where the same words in the same units were mapped before and each is a number and
        a field; None where one has to look closer."""
        values, units = said.values, said.units
        key: object = (tuple(values), tuple(units.items())) if units else tuple(values)
        steps = self._plans.get(key)
        if steps is None:
            if len(self._plans) >= PLANS:
                self._plans.clear()
            steps = self._plans[key] = self._plan(values, units)
        if not steps or (said.beside and len(steps) < len(self._wishes)):
            return None
        record: Record = {}
        originals: list[str] = []
        for word, name, unit, by in steps:
            value = values[word]
            if type(value) is not float and type(value) is not int:
                return None
            if by is not None:
                try:
                    record[name] = converted(value, by)
                except OverflowError:
                    return None
                originals.append(f"{name}={value!r} {unit}")
            else:
                record[name] = value
        record["t"] = said.t
        found = self._kind.readings(record, site, device, received_ns)
        if originals:
            found[0].fields[ORIGINAL] = "; ".join(originals)
        return found

    def _plan(self, values: Record, units: Mapping[str, str]) -> tuple[Step, ...]:
        """One step for each of these words; none where that is not all there is to it."""
        steps: list[Step] = []
        for wish in self._wishes:
            word = next((place.text for place in wish.places if place.text in values), None)
            if word is None:
                continue
            if wish.tag or wish.declared.type != "float":
                return ()
            unit, by = self._units.get(word) or units.get(word, ""), None
            if unit and unit != wish.declared.unit:
                try:
                    by = conversion(unit, wish.declared.unit)
                except ValueError:
                    return ()
            steps.append(Step(word, wish.name, unit, by if by is not None and by.changes else None))
        whole = {step.word for step in steps} == values.keys()
        return tuple(steps) if whole and self._required <= {step.name for step in steps} else ()

    def _found(self, said: Observation) -> tuple[Record, set[str], list[str]]:
        """The fields that are there, the words they were taken from, and what was converted.

        At least one of them must be news; what came beside only completes them.
        """
        record: Record = {}
        taken: set[str] = set()
        originals: list[str] = []
        for wish in self._wishes:
            for place in wish.places:
                value = place.look(said.values)
                if value is not MISSING and value is not None:
                    taken.add(place.text)
                    record[wish.name] = self._fitting(value, wish, place.text, said, originals)
                    break
        if not taken:
            return record, taken, originals
        for wish in self._wishes if said.beside else ():
            if wish.name not in record:
                for place in wish.places:
                    value = place.look(said.beside)
                    if value is not MISSING and value is not None:
                        record[wish.name] = self._fitting(value, wish, place.text, said, originals)
                        break
        return record, taken, originals

    def _fitting(self, value: Any, wish: Wish, place: str, said: Observation, originals: list[str]) -> Any:
        """`value` in the type and unit of the field as far as that is spelling; raises BadPayload."""
        if wish.tag:
            return str(value) if type(value) is int else value
        declared = wish.declared
        if declared.type in ("float", "int"):
            unit = self._units.get(place) or said.units.get(place, "")
            if type(value) is str:
                parts = number_and_unit(value)
                if parts is None:
                    return value
                value, unit = parts[0], unit or parts[1]
            if unit and unit != declared.unit:
                value = _in_unit(value, unit, wish, originals)
            if declared.type == "int" and type(value) is float and value.is_integer():
                return int(value)
        elif declared.type == "bool" and type(value) is int and value in (0, 1):
            return bool(value)
        return value


def _wishes(kind: Kind, fields: Fields) -> tuple[Wish, ...]:
    there = [*(name for name in kind.fields if name != ORIGINAL), *kind.tags]
    for name in fields:
        choose("field", name, dict.fromkeys(there))
    return tuple(
        Wish(name, tuple(Path(text) for text in fields.get(name, (name,))), kind.fields.get(name, _TAG),
             name not in kind.fields)
        for name in there
    )  # fmt: skip


def _check_units(wishes: tuple[Wish, ...], units: Mapping[str, str]) -> None:
    for wish in wishes:
        for place in wish.places:
            unit = units.get(place.text)
            if unit is not None and wish.declared.type in ("float", "int"):
                conversion(unit, wish.declared.unit)


def _in_unit(value: Any, unit: str, wish: Wish, originals: list[str]) -> Any:
    if type(value) is not int and type(value) is not float:
        return value
    try:
        by = conversion(unit, wish.declared.unit)
        if by.changes:
            originals.append(f"{wish.name}={value!r} {unit}")
            return converted(value, by)
    except (ValueError, OverflowError) as fault:
        raise wrong(f"{wish.name}: {shown(value)} {unit[:40]}: {fault}") from fault
    return value
