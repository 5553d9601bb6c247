"""A headless Chromium, driven over the pipe of its DevTools protocol; no driver is needed.

The protocol: https://chromedevtools.github.io/devtools-protocol/, JSON messages with a NUL after
each, read by the browser from descriptor 3 and written to descriptor 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
WAIT_S = 30.0
DESKTOP = (1280, 900)
PHONE = (360, 780)


class Browser:
    """One tab; what the page complains of (scripts that fail, refused content) is kept."""

    def __init__(self, process: "subprocess.Popen[bytes]", read: int, write: int) -> None:
        self.complaints: list[str] = []
        self._process, self._read, self._write = process, read, write
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + WAIT_S
        while True:
            found = self._receive(deadline)
            if found.get("id") == number:
                assert "error" not in found, (method, found["error"])
                result: dict[str, Any] = found["result"]
                return result

    def open(self, url: str) -> None:
        """Load a page."""
        self.send("Page.navigate", url=url)
        self.until(f"location.href.split('#')[0] === {json.dumps(url)}")
        self.until("document.readyState === 'complete'")

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, (expression, found["exceptionDetails"])
        return found["result"].get("value")

    def until(self, expression: str, seconds: float = WAIT_S) -> None:
        """Wait until an expression is true, also over a change of pages."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.send("Runtime.evaluate", expression=f"!!({expression})")
            if found["result"].get("value") is True:
                return
            time.sleep(0.03)
        raise AssertionError(f"{expression} was not so within {seconds:g} s: {self.text()[:2000]}")

    def text(self) -> str:
        """Return what a person reads."""
        return str(self.ask("document.body.innerText"))

    def fill(self, selector: str, value: str) -> None:
        """Type into a field."""
        self.ask(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")

    def click(self, selector: str) -> None:
        """Click the first element of a selector."""
        self.ask(f"document.querySelector({json.dumps(selector)}).click()")

    def look(self, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> None:
        """Take the size of a screen, and light or dark."""
        width, height = size
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=size == PHONE,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def picture(self, path: Path) -> None:
        """Save what is on the screen as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise AssertionError("the browser did not answer")
            chunk = os.read(self._read, 1 << 16)
            assert chunk, "the browser ended"
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(
                f"{parameters['entry']['text']} {parameters['entry'].get('url')}"
            )


@contextmanager
def opened_browser(
    folder: Path, within: tuple[str, ...] = (), flags: tuple[str, ...] = ()
) -> Iterator[Browser]:
    """Run a browser for the length of a block; its command begins with the words of `within`."""
    assert CHROMIUM is not None, "chromium is missing, and CI must have it"
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    command = 'in=$1 out=$2; shift 2; eval "exec \\"\\$@\\" 3<&$in 4>&$out"'
    process = subprocess.Popen(
        [
            *(*within, "bash", "-c", command, "bash", str(to_read), str(from_write)),
            *(CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder}", "about:blank"),
        ],
        pass_fds=(to_read, from_write),
        env={**os.environ, "TZ": "Europe/Berlin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(from_write)
    try:
        yield Browser(process, from_read, to_write)
    finally:
        process.terminate()
        process.wait(WAIT_S)
        os.close(to_write)
        os.close(from_read)
