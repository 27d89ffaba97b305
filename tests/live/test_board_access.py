"""Does the board of a real city, over TLS, keep out thirty who may not come in, and say who did what?"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gateway.access.book import book_in
from gateway.access.door import Access
from gateway.access.settings import AccessSettings
from gateway.board.origin import own_names
from tests.gateway.access.attempts import ATTEMPTS, Board, order
from tests.live.certificates import certificate
from tests.live.city import DEMO
from tests.live.ports import free_port

pytestmark = pytest.mark.live
PATIENCE_S = 60.0


@dataclass
class Running:
    """`arterial run` with a certificate and users, and the board it serves."""

    board: Board
    var: Path
    authority: Path
    output: Path
    process: subprocess.Popen[bytes]

    def arterial(self, *words: str, token: str = "") -> tuple[int, str]:
        """Exit code and output of a command on this computer that believes the city's certificate."""
        given = {"ARTERIAL_CA_FILE": str(self.authority), "ARTERIAL_TOKEN": token, "COLUMNS": "400"}
        done = subprocess.run(
            [sys.executable, "-c", "import gateway.cli; gateway.cli.main()", *words],
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Running]:
    """The demo city for real: its own broker and store, no street, HTTPS, one admin."""
    key, authority = certificate(tmp_path)
    port, var = free_port(), tmp_path / "var"
    text = DEMO.read_text().replace('source = "street"', 'source = "system"')
    files = f'port = {port}\ncert_file = "{authority}"\nkey_file = "{key}"'
    (tmp_path / "city.toml").write_text(text.replace("port = 8321", files))
    access = Access(AccessSettings(), book_in(var), near=True, names=own_names(()))
    access.users.add("root", "admin", "a long word for that door", "test", time.time())
    trust = ssl.create_default_context(cafile=str(authority))
    board = Board(f"https://127.0.0.1:{port}", access, verify=trust)
    output = tmp_path / "run.out"
    words = ["run", "--config", str(tmp_path / "city.toml"), "--var", str(var)]
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "import gateway.cli; gateway.cli.main()", *words], stdout=out, stderr=out
        )
    try:
        _until_it_answers(board, process, output)
        yield Running(board, var, authority, output, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


def _until_it_answers(board: Board, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline_s:
        try:
            httpx.get(f"{board.url}/healthz", verify=board.verify).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail(f"the board does not answer\n{output.read_text()[-3000:]}")


async def test_thirty_attempts_fail_over_tls_and_the_record_says_who_was_let_in(city: Running) -> None:
    for attempt in ATTEMPTS:
        answer = await attempt.run(city.board)
        assert (answer.status_code, answer.json()["code"]) == (attempt.status, attempt.code), attempt.name
    print(f"{len(ATTEMPTS)} of {len(ATTEMPTS)} attempts failed as they must")
    name = city.board.user(factor=True)
    browser = await city.board.login(name)
    answer = await order(browser, **{"x-arterial-code": city.board.code(name)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    key = city.board.token("operator", signals=True)
    where = ["--url", city.board.url]
    code, told = city.arterial("operate", "mode", "x2", "shadow", *where, token=key)
    assert code == 0, told
    assert city.arterial("status", *where, token=key)[0] in (0, 2)
    for token, word in (("", "log in first"), (f"{key}x", "unknown, revoked or expired")):
        code, told = city.arterial("operate", "resume", "x2", *where, token=token)
        assert (code, word in told, "Traceback" in told) == (1, True, False), told
    _websocket_wants_a_login(city, key)
    trail = await _trail(city, f"{name} (password and code)")
    assert "(token token" in trail
    assert "wrong login" in trail
    seen = city.output.read_text() + trail + (city.var / "log" / "arterial.log").read_text()
    assert not [hidden for hidden in (key, "correct horse", *city.board.secrets.values()) if hidden in seen]


def _websocket_wants_a_login(city: Running, key: str) -> None:
    address = city.board.url.replace("https", "wss") + "/ws"
    with pytest.raises(InvalidStatus), connect(address, ssl=city.board.verify):
        pass
    with connect(
        address, ssl=city.board.verify, additional_headers={"authorization": f"Bearer {key}"}
    ) as seen:
        assert '"pipeline"' in str(seen.recv(timeout=PATIENCE_S))
        city.board.change("DELETE FROM tokens WHERE signals = 1")
        with pytest.raises(ConnectionClosed) as closed:
            _read_on(seen)
    assert "4401" in str(closed.value)


def _read_on(seen: ClientConnection) -> None:
    while True:
        seen.recv(timeout=PATIENCE_S)


async def _trail(city: Running, wanted: str) -> str:
    """The audit trail, once it tells of `wanted`."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        _, trail = city.arterial("audit", "show", "--limit", "2000", "--var", str(city.var))
        if wanted in trail:
            return trail
        assert time.monotonic() < deadline_s, trail[-3000:]
        await asyncio.sleep(0.5)
