"""How does a test put an nginx before an InfluxDB 1.x, so that clients of version 2 can write to it?"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.live.ports import free_port

PATIENCE_S = 30.0
_CONFIG = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /api/v2/write {{
      rewrite ^ /write?db=$arg_bucket&precision=$arg_precision? break;
      proxy_pass http://{upstream};
    }}
    location / {{ proxy_pass http://{upstream}; }}
  }}
}}
"""


@contextmanager
def nginx(program: str, folder: Path, influx: str) -> Iterator[str]:
    """The URL of an nginx that maps /api/v2/write?bucket=B to /write?db=B of the InfluxDB at `influx`."""
    folder.mkdir(parents=True, exist_ok=True)
    port, user = free_port(), "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, upstream=urlsplit(influx).netloc, user=user))
    command = [program, "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            httpx.get(f"{url}/ping", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None, "nginx has ended; its error.log says why"
            assert time.monotonic() < deadline_s, "nginx does not answer"
            time.sleep(0.05)
