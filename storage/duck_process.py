"""What runs in the database's own process: requests in on stdin, answers out on stdout, until stdin ends.

A frame is its length (4 bytes, big-endian) and then msgpack. Started as `python -m storage.duck_process
PARENT_PID`, so that nothing of the parent's main module is imported here.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import BinaryIO, Final

import msgspec

from collectors.reading import Reading
from storage.duck import DuckFile
from storage.duck_requests import (
    HEADER_BYTES,
    Answer,
    Count,
    Devices,
    Open,
    Position,
    Request,
    Rows,
    Select,
    Write,
)
from storage.store import Rejected, StoreUnavailable

_PR_SET_PDEATHSIG: Final = 1


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request in order; ends with the requests, or after the first failure of the file."""
    decoder, encoder = msgspec.msgpack.Decoder(Request), msgspec.msgpack.Encoder()
    file: DuckFile | None = None
    while body := _read_frame(requests):
        request = decoder.decode(body)
        try:
            if isinstance(request, Open):
                file = DuckFile(request.path, request.schema, request.memory_limit, request.threads)
                answer = Answer()
            else:
                assert file is not None, "Open comes first"
                answer = _answer(file, request)
        except StoreUnavailable as error:
            answer = Answer(unavailable=str(error))
        frame = encoder.encode(answer)
        answers.write(len(frame).to_bytes(HEADER_BYTES, "big") + frame)
        answers.flush()
        if answer.unavailable:
            return
    if file is not None:
        file.close()


def main() -> None:
    """Serve the parent; leave Ctrl-C to it, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the frames
    serve(sys.stdin.buffer, answers)


def _answer(file: DuckFile, request: Write | Select | Rows | Devices | Count | Position) -> Answer:
    match request:
        case Write(batch, position):
            return _write(file, batch, position)
        case Select(kind, device, fields, start_ns, end_ns, dtype):
            return Answer(columns=file.select(kind, device, fields, start_ns, end_ns, dtype))
        case Rows(kind, device, fields, start_ns, end_ns, limit):
            return Answer(rows=file.rows(kind, device, fields, (start_ns, end_ns), limit))
        case Devices(kind):
            return Answer(names=file.devices(kind))
        case Count(kind):
            return Answer(number=file.count(kind))
        case Position():
            return Answer(number=file.position())


def _write(file: DuckFile, batch: list[Reading], position: int) -> Answer:
    try:
        return Answer(known=file.write(batch, position))
    except Rejected as error:
        index = {id(reading): i for i, reading in enumerate(batch)}
        return Answer(rejected=error.why, faults=[(index[id(r)], why) for r, why in error.faults])


def _read_frame(source: BinaryIO) -> bytes:
    """The next frame; empty at the end, also at an end in the middle of a frame."""
    header = source.read(HEADER_BYTES)
    size = int.from_bytes(header, "big") if len(header) == HEADER_BYTES else 0
    body = source.read(size)
    return body if len(body) == size else b""


def _die_with_parent() -> None:
    """Linux: the kernel ends this process with its parent. Elsewhere the end of stdin does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if len(sys.argv) > 1 and os.getppid() != int(sys.argv[1]):  # it died before
            sys.exit(0)


if __name__ == "__main__":
    main()
