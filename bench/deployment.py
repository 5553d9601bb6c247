"""A deployment of ours under measurement: prepared in a folder of its own, on free ports."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.native import native_environment
from bench.processes import SERVER_CORE, free_port, started, until
from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.ids import IdKeys, TokenId, read_keys
from serinus.base.settings import Settings, write_settings
from serinus.ledger.answers import AnswersWriter
from serinus.ledger.store import LedgerReader
from serinus.model.answer import Answer
from serinus.model.front import draw_front, write_front
from serinus.programs.first_start import prepare

ROOT = Path(__file__).parent.parent
ZONE = "files.example"
LEDGER_SIZE_MAX = 65_536
"""MiB: nobody prunes while the edge is measured alone."""
REPLY_MAX_S = 120.0


class Deployment:
    """One data folder with its ports; nothing runs until it is started.

    Args:
        root: The folder, to be made.
        compiled: Whether the package runs as it ships, if that can be made here.
    """

    def __init__(self, root: Path, compiled: bool = True) -> None:
        self._environment = native_environment() if compiled else {}
        self.dns, self.http, self.console = free_port(), free_port(), free_port()
        self.folder = DataFolder(root)
        self.log = root.with_name(root.name + ".log")
        self.settings = Settings(
            data=str(root),
            domain=(ZONE,),
            dns=(f"127.0.0.1:{self.dns}",),
            http=(f"127.0.0.1:{self.http}",),
            https=(),
            console=f"127.0.0.1:{self.console}",
            address=("192.0.2.1", "2001:db8::1"),
            outgoing_allow=("127.0.0.0/8",),
            ledger_size_max=LEDGER_SIZE_MAX,
            log_level="warning",
        )

    def prepare(self) -> None:
        """Make the data folder as the first start does, with the face of nginx in every run."""
        front = draw_front(system_entropy, time.time())
        for part in (self.folder.root, self.folder.front.parent):
            part.mkdir(mode=0o700)
        self.folder.front.write_text(write_front(replace(front, dialect="nginx")))
        prepare(self.folder, self.settings)

    @property
    def keys(self) -> IdKeys:
        """The id keys of the folder."""
        return read_keys(self.folder.id_keys.read_text())

    def ids(self, count: int) -> list[TokenId]:
        """Mint ids; the edge keeps their touches whether or not anybody planted them."""
        keys = self.keys
        return [keys.mint(system_entropy) for _ in range(count)]

    def answer(self, tokens: Sequence[TokenId]) -> None:
        """Let each of the tokens send to another place, as a link's token does."""
        answer = Answer(302, (("Location", "https://www.example.com/"),))
        AnswersWriter(self.folder.answers).put_many(dict.fromkeys(tokens, answer))

    def program(
        self, name: str, cores: Sequence[int] = (SERVER_CORE,)
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run one process of the deployment alone."""
        command = [sys.executable, "-m", f"serinus.programs.{name}", str(self.folder.root)]
        return started(command, self.log, cores, self._environment)

    @contextmanager
    def edge(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the edge alone, and wait until it answers."""
        with self.program("edge") as process:
            until(self.answers_http, "the edge")
            yield process

    def whole(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run everything, on every core."""
        return started(
            [sys.executable, "-m", "serinus.programs.up"],
            self.log,
            sorted(os.sched_getaffinity(0)),
            {**self._environment, "SERINUS_UP_SETTINGS": write_settings(self.settings)},
        )

    @contextmanager
    def serving(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Run everything, and wait until edge and Console answer."""
        with self.whole() as process:
            until(self.answers_http, "the edge")
            until(self.answers_api, "the Console")
            yield process

    def database(self, *words: str) -> str:
        """Run `bench.database` on the folder; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.database", str(self.folder.root), *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout.strip()

    def touches(self) -> int:
        """Return how many touches the ledger has ever taken."""
        reader = LedgerReader(self.folder.ledger)
        try:
            return reader.newest()
        finally:
            reader.close()

    def answers_http(self) -> bool:
        """Tell whether the edge takes connections."""
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.http)) == 0

    def answers_api(self) -> bool:
        """Tell whether the Console answers."""
        try:
            return self.ask("GET", "/api/kinds")[0] == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def ask(self, method: str, path: str, body: Any = None, cookie: str = "") -> tuple[int, bytes]:
        """Ask the Console, as the operator or with a session; returns status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=REPLY_MAX_S)
        headers = {"Cookie": cookie} if cookie else {}
        if not cookie:
            key = self.folder.operator_key.read_text().strip()
            headers["Authorization"] = f"Bearer {key}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as the operator; raises RuntimeError at anything but success."""
        status, text = self.ask(method, f"/api/{path}", body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} /api/{path}: {status} {text[:300]!r}")
        return json.loads(text) if text else None
