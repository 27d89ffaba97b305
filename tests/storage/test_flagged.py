"""Are flags counted with the readings that carry them: on disk, together, never less again?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.reading import Reading
from storage.spool import Spool, SpoolFull

LATE = {("late", "water"): 2, ("clock", "water"): 1}


def test_flags_are_counted_by_flag_and_kind_and_survive_a_restart(
    tmp_path: Path, water: Callable[..., Reading]
) -> None:
    spool = Spool(tmp_path / "spool.db")
    spool.append([water()], (), LATE)
    spool.append([water()], (), {("late", "gas"): 1, ("late", "water"): 1})
    spool.append([water()])
    spool.close()
    again = Spool(tmp_path / "spool.db")
    assert again.flagged() == {"clock": {"water": 1}, "late": {"gas": 1, "water": 3}}
    again.close()


def test_what_is_not_kept_is_not_counted(tmp_path: Path, water: Callable[..., Reading]) -> None:
    spool = Spool(tmp_path / "spool.db", max_bytes=1)
    with pytest.raises(SpoolFull):
        spool.append([water()], (), LATE)
    assert spool.flagged() == {}
    spool.close()


def test_a_spool_of_before_there_were_flags_gets_their_table(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    spool._db.execute("DROP TABLE flagged")
    spool.close()
    again = Spool(tmp_path / "spool.db")
    assert again.flagged() == {}
    again.append([], (), LATE)
    assert again.flagged() == {"clock": {"water": 1}, "late": {"water": 2}}
    again.close()
