"""Does `arterial audit` answer, and say clearly what is wrong?"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit.entry import Fact
from gateway.audit.trail import Trail
from gateway.cli import app


@pytest.fixture
def var(tmp_path: Path) -> Path:
    trail = Trail(tmp_path / "audit")
    for n, subject in enumerate(("x1", "x2", "x1"), 1):
        trail.append([Fact(n * 10**9, "strategy webster", "command", subject, "2+6", "4+8", "Long queue.")])
    trail.append(
        [Fact(4 * 10**9, "board at 127.0.0.1", "strategy", "x2", "webster", "fixed_time", "Asked for.")]
    )
    return tmp_path


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["audit", *map(str, words)], env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_a_sound_trail_is_said_to_be_sound(var: Path) -> None:
    code, text = run("verify", "--var", var)
    assert code == 0
    assert text.startswith("4 entries, all as they were written; head 4:")
    head = text.split()[-1]
    assert run("verify", "--var", var, "--head", head)[0] == 0


def test_a_changed_word_is_found(var: Path) -> None:
    path = var / "audit" / "00000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b"Long", b"Tiny"), lines[3]]))
    code, text = run("verify", "--var", var)
    assert code == 1
    assert "00000001.jsonl, line 3: its contents are not what was written" in text
    assert "entries 1 to 2 are as they were written" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--head", "7"), "NUMBER:HASH"), (("--head", "9:" + "0" * 64), "ends before entry 9")],
)
def test_a_head_that_does_not_fit_is_explained(var: Path, words: tuple[str, ...], said: str) -> None:
    code, text = run("verify", "--var", var, *words)
    assert (code, said in text) == (1, True), text


def test_no_trail_is_said(tmp_path: Path) -> None:
    for words in (("verify",), ("show",), ("export", tmp_path / "x.csv")):
        code, text = run(*words, "--var", tmp_path)
        assert (code, "no audit trail" in text) == (1, True)


def test_entries_are_shown_by_intersection_and_kind(var: Path) -> None:
    _, text = run("show", "--var", var, "--subject", "x2")
    assert text.count("x2") == 2
    assert "board at 127.0.0.1" in text
    _, text = run("show", "--var", var, "--what", "command", "--limit", "1")
    assert "1970-01-01 00:00:03" in text
    assert "1970-01-01 00:00:01" not in text


def test_entries_are_written_to_files(var: Path) -> None:
    assert run("export", var / "x.csv", "--var", var, "--subject", "x1")[0] == 0
    rows = list(csv.DictReader((var / "x.csv").open()))
    assert [(r["number"], r["after"], r["why"]) for r in rows] == [
        ("1", "4+8", "Long queue."),
        ("3", "4+8", "Long queue."),
    ]
    assert run("export", var / "x.jsonl", "--format", "jsonl", "--var", var)[0] == 0
    lines = [json.loads(line) for line in (var / "x.jsonl").read_text().splitlines()]
    assert [line["fact"]["subject"] for line in lines] == ["x1", "x2", "x1", "x2"]
