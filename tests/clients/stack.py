"""A whole deployment on loopback for a test: `serinus.programs.up` with free ports."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clients.ground import free_port, until
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, write_settings

ZONE = "files.example"
START_MAX_S = 60.0
STOP_MAX_S = 60.0


class Stack:
    """One deployment: its processes, ports and API."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.dns, self.http, self.https, self.console = (free_port() for _ in range(4))
        self.settings = Settings(
            **{
                "data": str(root),
                "domain": (ZONE,),
                "dns": (f"127.0.0.1:{self.dns}",),
                "http": (f"127.0.0.1:{self.http}",),
                "https": (f"127.0.0.1:{self.https}",),
                "console": f"127.0.0.1:{self.console}",
                "outgoing_allow": ("127.0.0.0/8",),
                **settings,
            }
        )
        self.folder = DataFolder(root)
        self.log = root.with_name(root.name + ".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything, and wait until the Console answers."""
        environment = {
            **os.environ,
            "SERINUS_UP_SETTINGS": write_settings(self.settings),
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "serinus.programs.up"],
                env=environment,
                stdout=log,
                stderr=log,
            )
        until(self._answers, f"the Console ({self.log.read_text()[-2000:]})", START_MAX_S)

    def stop(self) -> None:
        """Stop everything as an operator does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(STOP_MAX_S)
            self.process = None
            assert status == 0, self.log.read_text()[-4000:]

    def pid(self, name: str) -> int | None:
        """The process id of a running process of ours, as the supervisor says it."""
        path = self.folder.root / "run" / "processes.json"
        found = json.loads(path.read_text())[name]["pid"]
        return int(found) if found else None

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as the operator; anything but success fails the test."""
        status, found = self.ask(method, path, body)
        assert 200 <= status < 300, (method, path, status, found)
        return found

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the API as the operator; returns the status and the document."""
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=130)
        key = self.folder.operator_key.read_text().strip()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, f"/api/{path}", None if body is None else json.dumps(body), headers
            )
            reply = connection.getresponse()
            text = reply.read()
            return reply.status, json.loads(text) if text else None
        finally:
            connection.close()

    def mint(self, kind: str = "web", memo: str = "a test", **options: Any) -> dict[str, Any]:
        """Mint a token."""
        found: dict[str, Any] = self.api(
            "POST", "tokens", {"kind": kind, "memo": memo, "options": options}
        )
        return found

    def fetch(self, token: dict[str, Any], query: str = "", **headers: str) -> int:
        """Fetch a token's URL from the edge; returns the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        parts = urlsplit(token["url"])
        try:
            connection.request("GET", parts.path + query, headers={"Host": parts.netloc, **headers})
            reply = connection.getresponse()
            reply.read()
            return reply.status
        finally:
            connection.close()

    def incidents(self, query: str = "") -> list[dict[str, Any]]:
        """The newest incidents."""
        found: list[dict[str, Any]] = self.api("GET", f"incidents?limit=500{query}")["items"]
        return found

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        try:
            return self.ask("GET", "tokens")[0] == 200
        except (OSError, ValueError, http.client.HTTPException):
            return False


@contextmanager
def running(root: Path, **settings: Any) -> Iterator[Stack]:
    """Run a deployment for the length of a block."""
    stack = Stack(root, **settings)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
