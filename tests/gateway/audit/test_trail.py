"""Is every change to a written trail found, and is nothing written lost in a crash?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit import trail as trails
from gateway.audit.entry import Fact
from gateway.audit.trail import Head, Trail, TrailError, entries, verify


def fact(n: int = 1, **changes: object) -> Fact:
    return Fact(
        **{"at_ns": n, "who": "strategy x", "what": "command", "subject": "x1", "after": f"{n}"} | changes
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trail = Trail(tmp_path / "audit")
    for n in range(1, 8):
        trail.append([fact(n, why='Because "ü".', scores=(("2+6", 1.5), ("4+8", -0.25)))])
    return tmp_path / "audit"


def test_what_is_written_is_read(folder: Path) -> None:
    head, flaw = verify(folder)
    assert flaw is None
    assert head.number == 7
    assert [e.fact.at_ns for e in entries(folder)] == list(range(1, 8))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(folder: Path, place: int, bit: int) -> None:
    path = folder / "00000001.jsonl"
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[place % len(whole)] ^= 1 << bit
    path.write_bytes(damaged)
    try:
        _, flaw = verify(folder)
    finally:
        path.write_bytes(whole)
    assert flaw is not None
    assert flaw.file == "00000001.jsonl"
    assert flaw.line == 1 + whole[: place % len(whole)].count(b"\n") or whole[place % len(whole)] == 10


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: lines[:3] + lines[4:],
        lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], b"\n", *lines[1:]],
        lambda lines: [],
    ],
)
def test_lines_taken_swapped_or_doubled_are_found(folder: Path, change: object) -> None:
    path = folder / "00000001.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))  # type: ignore[operator]
    assert verify(folder)[1] is not None


def test_a_trail_written_anew_is_found_by_a_head_noted_elsewhere(folder: Path, tmp_path: Path) -> None:
    anchor = verify(folder)[0]
    forged = Trail(tmp_path / "forged")
    forged.append([fact(n) for n in range(1, 9)])
    assert verify(tmp_path / "forged")[1] is None
    flaw = verify(tmp_path / "forged", anchor)[1]
    assert flaw is not None
    assert "noted elsewhere" in str(flaw)
    assert verify(folder, anchor)[1] is None
    assert verify(folder, Head(99, "0" * 64))[1] is not None


def test_it_goes_on_where_it_stopped(folder: Path) -> None:
    Trail(folder).append([fact(8)])
    assert verify(folder) == (Trail(folder).head, None)
    assert Trail(folder).head.number == 8


def test_files_are_kept_to_a_size_and_a_missing_one_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trails, "FILE_BYTES", 100)
    trail = Trail(folder)
    for n in range(8, 12):
        trail.append([fact(n)])
    assert [p.name for p in trails.files(folder)][1:3] == ["00000008.jsonl", "00000009.jsonl"]
    assert verify(folder)[1] is None
    (folder / "00000009.jsonl").unlink()
    flaw = verify(folder)[1]
    assert flaw is not None
    assert "entries 9 to 9 are missing" in flaw.why


@pytest.mark.parametrize("seed", range(8))
def test_a_line_torn_by_a_crash_is_put_aside_and_said(folder: Path, seed: int) -> None:
    path = folder / "00000001.jsonl"
    whole = path.read_bytes()
    line = whole.splitlines(keepends=True)[-1]
    torn = line[: random.Random(seed).randrange(1, len(line) - 1)]
    path.write_bytes(whole + torn)
    Trail(folder).append([fact(9)])
    assert verify(folder)[1] is None
    assert [e.fact.what for e in entries(folder)][-2:] == ["repair", "command"]
    assert next(folder.glob("torn-*")).read_bytes() == torn


def test_a_crash_between_trail_and_head_is_no_flaw(folder: Path) -> None:
    head = (folder / "head.json").read_bytes()
    Trail(folder).append([fact(8)])
    (folder / "head.json").write_bytes(head)
    assert verify(folder)[1] is None
    assert Trail(folder).head.number == 8


def test_a_trail_cut_short_is_not_continued(folder: Path) -> None:
    path = folder / "00000001.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    with pytest.raises(TrailError, match="entries after 4 are gone"):
        Trail(folder)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrailError, match="no audit trail"):
        list(entries(tmp_path))
