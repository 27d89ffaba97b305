"""How does line protocol, as Telegraf and InfluxDB write it, become observations?

`measurement,tag=value field=1.5,count=3i,open=t,note="text" 1754000000000000000`. Grammar: InfluxData, line
protocol reference. The device is the tag that the source names (`device_in = "tags.host"`), else `device`,
`device_id` or `host`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from collectors.observation import Decoder, Message, Observation, Observe, check_size
from collectors.pattern import Pattern
from collectors.reading import BadPayload, Reason, shown

LIMIT_BYTES: Final = 64 * 1024
LINES: Final = 1000
EXAMPLE: Final = (
    b'water,device=w-0001 volume_m3=812.374,state="all is well",battery_v=3.6 1754000000000000000'
)

_DEVICE_TAGS: Final = ("device", "device_id", "host")
_NAME = re.compile(r"(?:[^,\\ =\n]|\\.|\\){1,1024}", re.DOTALL)
_MEASUREMENT = re.compile(r"(?:[^,\\ \n]|\\.|\\){1,1024}", re.DOTALL)
"""No name has more characters; InfluxDB itself takes up to 64 KiB."""
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_BARE = re.compile(r"[^, \n]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_TIME = re.compile(r"-?[0-9]{1,20}")
_UNESCAPED = re.compile(r"\\([,= \\\"])")
_BOOLEANS: Final = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}


def observe(message: Message) -> list[Observation]:
    """One observation per line, with its tags beside it. Raises BadPayload."""
    check_size(message.payload, LIMIT_BYTES)
    try:
        text = message.payload.decode()
    except UnicodeDecodeError as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    found = list(_lines(text))
    if not found:
        raise BadPayload(Reason.EMPTY, "no line")
    return found


def _lines(text: str) -> Iterator[Observation]:
    at, count = 0, 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            said, at = _line(text, at)
            count += 1
            if count > LINES:
                raise BadPayload(Reason.TOO_LARGE, f"more than {LINES} lines")
            yield said


def _line(text: str, at: int) -> tuple[Observation, int]:
    measurement, at = _token(text, at, _MEASUREMENT, "a measurement")
    tags: dict[str, str] = {}
    while text.startswith(",", at):
        name, at = _token(text, at + 1, _NAME, "a tag")
        tags[name], at = _token(text, _after(text, at, "="), _NAME, "a tag's value")
    at = _after(text, at, " ")
    fields: dict[str, Any] = {}
    while True:
        name, at = _token(text, at, _NAME, "a field")
        fields[name], at = _value(text, _after(text, at, "="))
        if not text.startswith(",", at):
            break
        at += 1
    t, at = _time(text, at)
    device = next((tags[name] for name in _DEVICE_TAGS if name in tags), "")
    rest = sorted(f"{name}={value}" for name, value in tags.items() if name not in _DEVICE_TAGS)
    label = f"{measurement}[{','.join(rest)}]." if rest else f"{measurement}."
    return Observation(fields, t, device, {}, {"tags": tags, "measurement": measurement}, label), at


def _time(text: str, at: int) -> tuple[int | None, int]:
    while text.startswith(" ", at):
        at += 1
    found = _TIME.match(text, at)
    end = found.end() if found else at
    while text.startswith((" ", "\r"), end):
        end += 1
    if end < len(text) and text[end] != "\n":
        raise _malformed(text, end, "a time or the end of the line")
    return (int(found[0]) if found else None), end


def _value(text: str, at: int) -> tuple[Any, int]:
    if text.startswith('"', at):
        quoted = _QUOTED.match(text, at)
        if not quoted:
            raise _malformed(text, at, "the end of a text")
        return _UNESCAPED.sub(r"\1", quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    word = bare[0].rstrip("\r") if bare else ""
    end = at + len(word)
    if word in _BOOLEANS:
        return _BOOLEANS[word], end
    if word and word[-1] in "iu" and _INTEGER.fullmatch(word[:-1]):
        return int(word[:-1]), end
    if _FLOAT.fullmatch(word):
        return float(word), end
    raise _malformed(text, at, "a number, text, true or false")


def _token(text: str, at: int, pattern: re.Pattern[str], what: str) -> tuple[str, int]:
    found = pattern.match(text, at)
    if not found:
        raise _malformed(text, at, what)
    word = found[0]
    return (_UNESCAPED.sub(r"\1", word) if "\\" in word else word), found.end()


def _after(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise _malformed(text, at, f"'{mark}'")
    return at + len(mark)


def _malformed(text: str, at: int, wanted: str) -> BadPayload:
    return BadPayload(Reason.MALFORMED, f"at character {at}: {shown(text[at : at + 20])}; wanted: {wanted}")


def _open(topics: Sequence[Pattern]) -> Observe:
    return observe


DECODER: Final = Decoder(("telegraf/{device}",), _open, time_unit="ns", example_topic="telegraf/w-0001")
