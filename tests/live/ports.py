"""Which port may a server of a test listen on, when other tests start servers at the same moment?"""

from __future__ import annotations

import itertools
import os
import socket
from typing import Final

FIRST: Final = 20_000
LAST: Final = 32_000
"""Below what Linux gives to outgoing connections (32768 and up): nobody gets one of these by chance."""
_offsets = itertools.count(os.getpid() * 997)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, and that this process has not handed out lately."""
    for offset in itertools.islice(_offsets, LAST - FIRST):
        port = FIRST + offset % (LAST - FIRST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port is free from {FIRST} to {LAST}")
