"""Is everything still there that was acknowledged before the process was killed?"""

import signal
import subprocess
import sys

from storage.spool import Spool

CHILD = """
import sys
from pathlib import Path
from collectors.reading import Reading
from storage.spool import Spool

spool = Spool(Path(sys.argv[1]))
for i in range(int(sys.argv[2]), 100_000):
    spool.append([Reading("hires", "demo", "x1", i, {"code": 82, "param": j}, {}, j) for j in range(20)])
    print(i, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "spool.db"
    acknowledged = -1
    for appends in (25, 26, 27):
        command = [sys.executable, "-c", CHILD, str(path), str(acknowledged + 1)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        with child:
            assert child.stdout is not None
            for _ in range(appends):
                acknowledged = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read().splitlines()
        acknowledged = int(rest[-1]) if rest else acknowledged
        spool = Spool(path)
        found = {(r.at_ns, r.tie) for _, readings in spool.read(0, 10**9) for r in readings}
        books = spool.books("a")
        spool.close()
        assert {(i, j) for i in range(acknowledged + 1) for j in range(20)} <= found
        assert books.balanced
