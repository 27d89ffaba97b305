"""Is a retained message recognised that was heard live before, also by the next run?"""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.intake import retained as module
from gateway.intake.retained import Retained
from gateway.links.link import Message


def said(payload: bytes, topic: str = "a", *, retain: bool = False) -> Message:
    return Message(topic, payload, 1, retain)


def test_only_a_repetition_of_the_last_is_known() -> None:
    heard = Retained()
    assert not heard.known(said(b"1", retain=True))
    assert heard.known(said(b"1", retain=True))
    heard.note([said(b"2"), said(b"3"), said(b"9", "b")])
    assert not heard.known(said(b"2", retain=True))
    assert heard.known(said(b"2", retain=True))
    assert not heard.known(said(b"9", "b", retain=True))


def test_what_is_live_is_never_a_repetition() -> None:
    heard = Retained()
    heard.known(said(b"1", retain=True))
    assert not heard.known(said(b"1"))


def test_the_next_run_knows_what_this_one_heard_last(tmp_path: Path) -> None:
    first = Retained()
    for topic in "ab":
        first.known(said(b"0", topic, retain=True))
    first.note([said(b"1")])
    first.save(tmp_path / "r")
    second = Retained()
    second.load(tmp_path / "r")
    assert second.known(said(b"1", retain=True))
    second.note([said(b"5", "b")])
    assert not second.known(said(b"0", "b", retain=True))
    second.save(tmp_path / "r")
    third = Retained()
    third.load(tmp_path / "r")
    assert [third.known(said(p, t, retain=True)) for t, p in (("a", b"1"), ("b", b"0"), ("c", b"1"))] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("content", [None, b"", b"\xc1garbage", b"\x93\x01\x02\x03"])
def test_no_file_or_a_damaged_one_costs_only_the_memory(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "r").write_bytes(content)
    heard = Retained()
    heard.load(tmp_path / "r")
    assert not heard.known(said(b"1", retain=True))


def test_a_full_disk_at_the_end_is_said_and_not_raised(tmp_path: Path) -> None:
    Retained().save(tmp_path / "gone" / "r")


def test_memory_and_file_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOPICS", 3)
    heard = Retained()
    for n in range(10):
        heard.known(said(b"1", f"t{n}", retain=True))
    assert len(heard._last) <= 3
    heard.save(tmp_path / "r")
    again = Retained()
    again.load(tmp_path / "r")
    assert len(again._before) <= 3
