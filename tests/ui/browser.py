"""What does a real Chromium make of the page? Driven over its debugging protocol, without a driver."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
PATIENCE_S = 30.0


class Browser:
    """One headless Chromium with one page, and a profile folder that goes with it."""

    def __enter__(self) -> Self:
        assert CHROMIUM is not None, "chromium is not installed"
        self._profile = Path(tempfile.mkdtemp(prefix="arterial-chromium-"))
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._ids = 0
        self._open = ExitStack()
        self.events: list[dict[str, Any]] = []
        try:
            self._socket = self._connect()
        except BaseException:
            self._stop()
            raise
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _connect(self) -> ClientConnection:
        port_file = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + PATIENCE_S
        while not port_file.exists() or "\n" not in port_file.read_text():
            assert time.monotonic() < deadline, "chromium did not start"
            time.sleep(0.05)
        port = port_file.read_text().split("\n")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE_S) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        opening = connect(page["webSocketDebuggerUrl"], max_size=None, open_timeout=PATIENCE_S)
        return self._open.enter_context(opening)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol; events that arrive meanwhile are kept in `events`."""
        self._ids += 1
        self._socket.send(json.dumps({"id": self._ids, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") != self._ids:
                self.events.append(message)
                continue
            assert "error" not in message, f"{method}: {message['error']}"
            return dict(message["result"])

    def js(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page (awaited when it is a promise)."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, expression: str, patience_s: float = 15.0) -> Any:
        """Wait until the expression is truthy in the page, and return it."""
        deadline = time.monotonic() + patience_s
        while not (value := self.js(expression)):
            assert time.monotonic() < deadline, f"never became true: {expression}"
            time.sleep(0.1)
        return value

    def text(self, selector: str) -> str:
        """The text of the first element that matches."""
        return str(self.js(f"document.querySelector({json.dumps(selector)}).textContent"))

    def open(
        self, url: str, width: int = 1280, height: int = 1000, theme: str = "light", scale: float = 1
    ) -> None:
        """Load `url` in a window of the given size and colour scheme; below 640 px as a phone with touch."""
        phone = width < 640
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.call("Page.navigate", url=url)
        self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def picture(self, path: Path, full: bool = True) -> None:
        """A PNG of the page, whole or as much as the window shows."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        """What the browser complained of so far: exceptions, console errors, CSP violations, failed loads."""
        self.js("1")
        found = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"])[:600])
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
            if event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] == "error":
                found.append(json.dumps(event["params"]["args"])[:600])
        return found
