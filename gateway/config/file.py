"""How is a city file read, and what exactly is wrong with it?"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.config.checks import cross_check
from gateway.config.words import Complaint, complaints, label
from gateway.devices.declared import merge_devices

PREFIX: Final = "ARTERIAL__"
_PATH_KEYS: Final = ("password_file", "client_secret_file", "ca_file", "cert_file", "key_file")
_SYNTAX_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|(end of document))\)$")

_FORMS: Final = {
    "stores": "STORES__NAME__KEY of a store that is there",
    "cabinets": "CABINETS__ID__KEY of a cabinet that is there",
}

Raw = dict[str, Any]
SettingsT = TypeVar("SettingsT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong (`error`), or that deserves a second look (`warning`)."""

    file: str
    where: str
    message: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.where, self.message) if part)


class SettingsError(Exception):
    """The city file cannot be used; the text has one line for every fault."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def load_settings(
    path: Path, model: type[SettingsT], environment: Mapping[str, str] | None = None
) -> SettingsT:
    """Read, complete and check a city file. Raises SettingsError."""
    name = path.name
    raw = _parsed(path)
    environment = os.environ if environment is None else environment
    found = [
        *_overlay(raw, environment),
        *_read_secrets(raw, path.parent),
        *_read_communities(raw, path.parent),
        *merge_devices(raw, path.parent),
    ]
    settings: SettingsT | None = None
    try:
        settings = model.model_validate(raw)
    except ValidationError as error:
        found += complaints(error, model, raw)
    found += cross_check(raw)
    if found or settings is None:
        raise SettingsError([Fault(name, where, message) for where, message in dict.fromkeys(found)])
    return settings


def _parsed(path: Path) -> Raw:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([Fault(str(path), "", error.strerror or str(error))]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([Fault(path.name, f"byte {error.start}", "not UTF-8 text")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_fault(path.name, str(error))]) from error


def _syntax_fault(name: str, text: str) -> Fault:
    place = _SYNTAX_PLACE.search(text)
    if place is None:
        return Fault(name, "", text)
    where = place[3] or f"line {place[1]}, column {place[2]}"
    return Fault(name, where, f"not TOML: {text[: place.start()]}")


def _overlay(raw: Raw, environment: Mapping[str, str]) -> list[Complaint]:
    """Lay ARTERIAL__SECTION__KEY over the file, for secrets and containers."""
    found: list[Complaint] = []
    for variable in sorted(environment):
        if not variable.startswith(PREFIX):
            continue
        section, *keys = variable[len(PREFIX) :].lower().split("__")
        table: object
        if section == "stores":
            table, keys = _store_named(raw.get(section), keys[:1]), keys[1:]
        elif section == "cabinets":
            table, keys = _cabinet_named(raw.get(section), keys[:1]), keys[1:]
        else:
            table = raw.setdefault(section, {})
        if len(keys) != 1 or not keys[0] or not isinstance(table, dict):
            form = _FORMS.get(section, "SECTION__KEY")
            found.append((f"environment {variable}", f"not of the form {PREFIX}{form}"))
            continue
        table[keys[0]] = environment[variable]
    return found


def _store_named(stores: object, name: list[str]) -> object:
    """The one of [[stores]] that is called so; letter case does not count in the environment."""
    tables = [table for table in stores if isinstance(table, dict)] if isinstance(stores, list) else []
    return next((t for t in tables if str(t.get("name") or t.get("kind")).lower() in name), None)


def _cabinet_named(cabinets: object, name: list[str]) -> object:
    """The one of [cabinets.ID] that is called so; in the environment, _ may stand for - and case is none."""
    tables = cabinets.items() if isinstance(cabinets, dict) else ()
    return next((table for key, table in tables if key.lower().replace("-", "_") in name), None)


def _read_communities(raw: Raw, folder: Path) -> list[Complaint]:
    """Read the communities of [cabinets.ID] that stand in files beside the city file."""
    cabinets, found = raw.get("cabinets"), []
    for name, table in cabinets.items() if isinstance(cabinets, dict) else ():
        if not isinstance(table, dict) or not isinstance(table.get("community_file"), str):
            continue
        where = f"cabinets.{name}.community_file"
        if "community" in table:
            found.append((where, "give either community or community_file"))
            continue
        table["community_file"] = str(folder / table["community_file"])
        try:
            table["community"] = Path(table["community_file"]).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            found.append((where, f"cannot be read: {error}"))
    return found


_SECRETS: Final = (("broker", "password"), ("oidc", "client_secret"))
"""(table, key): a secret that may stand in a file of its own, named by KEY_file."""


def _read_secrets(raw: Raw, folder: Path) -> list[Complaint]:
    """Turn file names of [broker], [board] and [oidc] into paths beside the city file; read their secrets."""
    found = [fault for name in ("broker", "board", "oidc") for fault in _find_files(raw, name, folder)]
    for name, key in _SECRETS:
        table, where = raw.get(name), f"{name}.{key}_file"
        path = table.get(f"{key}_file") if isinstance(table, dict) else None
        if not isinstance(table, dict) or not isinstance(path, str) or not Path(path).is_file():
            continue
        if key in table:
            found.append((where, f"give either {key} or {key}_file"))
            continue
        try:
            table[key] = Path(path).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            found.append((where, f"cannot be read: {error}"))
    return found


def _find_files(raw: Raw, name: str, folder: Path) -> list[Complaint]:
    table, found = raw.get(name), list[Complaint]()
    for key in _PATH_KEYS if isinstance(table, dict) else ():
        value = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict) and isinstance(value, str):
            table[key] = str(folder / value)
            if not (folder / value).is_file():
                found.append((label((name, key), raw), f"there is no file {folder / value}"))
    return found
