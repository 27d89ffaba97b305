"""How does a refused payload look on a terminal, whatever a device sent?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from gateway.refused.replay import Outcome, hindrance
from storage.refused import Entry, Ledger

_ROW: Final = 16


def as_table(entries: Sequence[Entry]) -> Table:
    """One line for each entry."""
    table = Table(title_justify="left")
    for name in ("id", "times", "bytes"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("last, UTC", "reason"):
        table.add_column(name, no_wrap=True)
    table.add_column("topic", overflow="fold")
    table.add_column("detail", overflow="ellipsis", no_wrap=True)
    for entry in entries:
        reason = f"{entry.reason}, sent again" if entry.sent_ns else entry.reason
        detail, topic = Text(visible(entry.detail)), Text(visible(entry.topic))
        numbers = (str(entry.id), f"{entry.times:,}", f"{entry.size:,}")
        table.add_row(*numbers, utc(entry.received_ns), reason, topic, detail)
    return table


def ledger_lines(ledger: Ledger, reasons: Mapping[str, int], talkers: Mapping[str, int]) -> Iterator[str]:
    """What became of everything ever refused, and where it came from."""
    verdict = "" if ledger.balanced else "  (does not balance)"
    yield (
        f"refused {ledger.refused:,} = kept {ledger.kept:,} + accepted later {ledger.accepted:,}"
        f" + purged {ledger.purged:,} + evicted {ledger.evicted:,}{verdict}"
    )
    if reasons:
        yield "by reason: " + ", ".join(f"{reason} {n:,}" for reason, n in reasons.items())
    if talkers:
        yield "most on:   " + ", ".join(f"{visible(topic)} {n:,}" for topic, n in talkers.items())


def show_lines(entry: Entry, payload: bytes) -> Iterator[str]:
    """Everything that is known of one entry, and its payload."""
    yield f"id        {entry.id}"
    yield f"topic     {visible(entry.topic)}"
    yield f"reason    {entry.reason}"
    yield f"detail    {visible(entry.detail)}"
    yield f"refused   {entry.times:,} times, first {utc(entry.first_ns)}, last {utc(entry.received_ns)} UTC"
    if entry.sent_ns:
        yield f"sent      again at {utc(entry.sent_ns)} UTC, not answered yet"
    if why := hindrance(entry):
        yield f"replay    never: {why}"
    yield f"payload   {entry.size:,} bytes" + ("" if entry.whole else f", TRUNCATED to {entry.kept:,}")
    yield ""
    yield from payload_lines(payload)


def payload_lines(payload: bytes) -> Iterator[str]:
    """The payload as text with every control character visible, or as a hex dump when it is no text."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        yield from hex_lines(payload)
    else:
        yield from (visible(line) for line in text.splitlines(keepends=True))


def hex_lines(payload: bytes) -> Iterator[str]:
    """Offset, bytes, and what of them is ASCII."""
    for start in range(0, len(payload), _ROW):
        row = payload[start : start + _ROW]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{start:08x}  {row.hex(' '):<{3 * _ROW}} {letters}"


def visible(text: str) -> str:
    """`text` with everything unprintable as escapes, so that no payload commands the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def utc(at_ns: int) -> str:
    """A time for people, to the second."""
    try:
        return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(at_ns)


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """What became of a replay."""
    yield f"accepted {outcome.accepted:,}"
    if outcome.refused:
        again = ", ".join(f"{reason} {n:,}" for reason, n in sorted(outcome.refused.items()))
        yield f"refused again {outcome.refused.total():,}: {again}"
    if outcome.unanswered:
        yield f"not answered yet {outcome.unanswered:,}: they stay here; is arterial running on this folder?"
    for why, n in outcome.left.items():
        yield f"left {n:,}: {why}"
