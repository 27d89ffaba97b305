"""How does a test get a real InfluxDB 1.x, one with the write path of 2.x, and a VictoriaMetrics, of its own?

Each is a context manager over a temporary folder that yields the URL of a server on a free port of 127.0.0.1.
The server is gone, by its pid, when the block ends.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.live.ports import free_port

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"

INFLUXD = shutil.which("influxd", path=_PATH)
VICTORIA = shutil.which("victoria-metrics", path=_PATH)

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
auth-enabled = {auth}
[monitor]
store-enabled = false
"""


@contextmanager
def influxd(tmp: Path, port: int | None = None, auth: bool = False) -> Iterator[str]:
    """InfluxDB 1.x (Debian has 1.6.7); the same folder and port again is the same server after a restart.

    With `auth` it asks for a user; the first to be created must be an administrator.
    """
    port = port or free_port()
    tmp.mkdir(parents=True, exist_ok=True)
    config = tmp / "influxdb.conf"
    config.write_text(_CONFIG.format(folder=tmp, port=port, rpc=free_port(), auth=str(auth).lower()))
    with _server(
        [INFLUXD or "influxd", "run", "-config", str(config)], tmp, f"http://127.0.0.1:{port}", "/ping"
    ) as url:
        yield url


@contextmanager
def victoria(tmp: Path) -> Iterator[str]:
    """VictoriaMetrics, which takes /write and /api/v2/write."""
    port = free_port()
    tmp.mkdir(parents=True, exist_ok=True)
    command = [
        *(
            VICTORIA or "victoria-metrics",
            f"-storageDataPath={tmp / 'data'}",
            f"-httpListenAddr=127.0.0.1:{port}",
        ),
        *("-memory.allowedBytes=200MB", "-retentionPeriod=100y", "-search.latencyOffset=0s"),
    ]
    with _server(command, tmp, f"http://127.0.0.1:{port}", "/health") as url:
        yield url


@contextmanager
def influxd_with_v2_writes(tmp: Path) -> Iterator[str]:
    """InfluxDB 1.x behind a proxy that maps /api/v2/write?bucket=B to /write?db=B, as 1.8 does itself."""
    with influxd(tmp) as url, v2_writes(url) as proxy:
        yield proxy


@contextmanager
def v2_writes(url: str) -> Iterator[str]:
    """A proxy before the InfluxDB 1.x at `url` that maps writes of 2.x to its own."""
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _proxy_to(urlsplit(url).netloc))
    thread = Thread(target=proxy.serve_forever, name="v2 proxy")
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def create_database(url: str, name: str) -> None:
    """Create a database in an InfluxDB 1.x."""
    query = urlencode({"q": f'CREATE DATABASE "{name}"'}).encode()
    urllib.request.urlopen(f"{url}/query", query, timeout=10).close()


@contextmanager
def _server(command: list[str], tmp: Path, url: str, ready: str) -> Iterator[str]:
    with (tmp / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(url + ready, process, tmp)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], tmp: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            if process.poll() is None:
                return
            raise RuntimeError(f"somebody else answers at {url}")
        except (urllib.error.URLError, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                end = (tmp / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{url} does not answer: {end}") from error
            time.sleep(0.05)


def _proxy_to(netloc: str) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._forward("GET", self.path, None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            wanted = parse_qs(parts.query)
            path = self.path
            if parts.path == "/api/v2/write":
                path = "/write?" + urlencode({"db": wanted["bucket"][0], "precision": wanted["precision"][0]})
            self._forward("POST", path, body)

        def _forward(self, method: str, path: str, body: bytes | None) -> None:
            passed = {
                name: value
                for name in ("Content-Encoding", "Content-Type")
                if (value := self.headers.get(name))
            }
            upstream = http.client.HTTPConnection(netloc, timeout=30)
            upstream.request(method, path, body, passed)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            self.send_response(answer.status)
            for name in ("Content-Type", "Retry-After"):
                if value := answer.getheader(name):
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Proxy
