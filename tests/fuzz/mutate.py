"""How does a sound message become a bad one, quickly and in every way that has broken a decoder before?"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

WORDS = (
    b'null', b'true', b'NaN', b'Infinity', b'-0', b'1e999', b'1e-999', b'9999999999999999999999999',
    b'-1', b'0.0000001', b'""', b'{}', b'[]', b'"2000 mm"', b'"\\ud800"', b'"\\u0000"', b'\xff\xfe',
    b'\xed\xa0\x80', b'\x00', b'\xf4\x90\x80\x80', b'[[[[[[[[[[', b'{"":', b'"t":', b'"value":',
    b'"unitCode":"', b'"observedAt":"', b'"bn":"', b'"u":"%"', b'"time":"0001-01-01T00:00:00Z"',
    b'"2025-08-01T10:00:00"', b'"9999-12-31T23:59:59+00:00"', b'\x9f', b'\xbf', b'\xff', b'\xc2I\x01',
    b'\xf9~\x00', b'\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00', b'\xd8\x1d\x00',
    b'\x1b\xff\xff\xff\xff\xff\xff\xff\xff', b';\xff\xff\xff\xff\xff\xff\xff\xff', b'\xc4\x82:',
    b'\x12\x00', b'\n\x01\xff', b'\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
    b'i\xff\xff\xff\xff\xff\xff\xff\xff', b'8\x01', b' ', b',', b'=',
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1000000000000000000000000000000, -1000000000000000, 1e+308, 1e-308,
    9007199254740993, 1754000000, 1754000000000, '', 'x', '2000 mm', '1e999 L', '%', '\ud800', '\x00',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '2025-08-01T10:00:00',
    '9999-12-31T23:59:59Z', '0000-00-00T00:00:00Z', '2025-08-01T10:00:00.123456789123Z',
    'urn:ngsi-ld:null', [], {}, [[]], {'': ''}, {'value': None}, {'value': {'value': 1}}, {'@value': []},
    [1, 'a', None], {'a': {'b': {'c': [1, {'d': 2}]}}},
)  # fmt: skip
NAMES = (
    't', 'value', 'type', 'id', 'unitCode', 'bn', 'n', 'u', 'v', 's', 'x_', 'fields', 'object', '',
    'data', '\x00', 'time',
)  # fmt: skip

Mutation = Callable[[random.Random, bytearray, Sequence[bytes]], bytearray]


def _flip(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)
    return data


def _bit(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _cut(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.randrange(1, 16)]
    return data


def _end(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    return data[: rng.randrange(len(data) + 1)]


def _word(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    data[at : at + rng.choice((0, 0, 1, 4, 8))] = rng.choice(WORDS)
    return data


def _repeat(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    part = bytes(data[at : at + rng.randrange(1, 24)])
    data[at:at] = part * rng.choice((1, 2, 8, 40))
    return data


def _splice(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    other = rng.choice(seeds)
    at, begin = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    data[at : at + rng.randrange(32)] = other[begin : begin + rng.randrange(64)]
    return data


def _number(rng: random.Random, data: bytearray, seeds: Sequence[bytes]) -> bytearray:
    """Another number where one is: the way to values that are sound JSON and impossible."""
    digits = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if digits:
        at = rng.choice(digits)
        data[at : at + 1] = rng.choice((b"-1", b"0", b"9" * 20, b"1e308", b"0.5", b"1754000000000"))
    return data


MUTATIONS: tuple[Mutation, ...] = (_flip, _bit, _cut, _end, _word, _word, _repeat, _splice, _number, _number)


def _tree(rng: random.Random, seed: bytes) -> bytes:
    """Another value, or none, at some place of a JSON seed: sound JSON that says something else."""
    tree = json.loads(seed)
    here = tree
    while True:
        keys: list[Any] = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            break
        key = rng.choice(keys)
        if isinstance(here[key], dict | list) and here[key] and rng.random() < 0.8:
            here = here[key]
            continue
        if rng.random() < 0.15:
            del here[key]
        elif isinstance(here, dict) and rng.random() < 0.2:
            here[rng.choice(NAMES)] = here[key]
        else:
            here[key] = rng.choice(VALUES)
        break
    return json.dumps(tree).encode()


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A seed after one to four changes."""
    seed = rng.choice(seeds)
    if seed[:1] in b"{[" and rng.random() < 0.5:
        try:
            return _tree(rng, seed)
        except ValueError:
            pass
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        data = rng.choice(MUTATIONS)(rng, data, seeds)
    return bytes(data)
