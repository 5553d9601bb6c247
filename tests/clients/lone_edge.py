"""The edge alone, as a process of its own on loopback, for tests with real clients."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clients.ground import client, free_port, until
from serinus.base.certificates import make_certificate
from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.ids import TokenId, read_keys
from serinus.base.settings import Settings
from serinus.ledger.store import LedgerReader
from serinus.model.front import Front, read_front
from serinus.model.touch import Touch
from serinus.programs.first_start import prepare

ZONE = "files.example"
START_MAX_S = 20.0
STOP_MAX_S = 15.0


def write_certificate(folder: DataFolder, zone: str = ZONE) -> None:
    """Make the trial certificate anew."""
    chain, key = make_certificate([zone], system_entropy, datetime.now(UTC))
    folder.trial_certificate_key.write_text(key)
    folder.trial_certificate.write_text(chain)


class LoneEdge:
    """One data folder and the edge that serves it.

    Its process and the clients begin with the words of `within`, such as those that enter another
    network namespace.
    """

    within: tuple[str, ...] = ()

    def __init__(self, root: Path, **settings: Any) -> None:
        self.folder = DataFolder(root)
        self.dns, self.http, self.https = free_port(), free_port(), free_port()
        self.log = root.with_name(root.name + ".log")
        prepare(
            self.folder,
            Settings(
                **{
                    "data": str(root),
                    "domain": (ZONE,),
                    "dns": (f"127.0.0.1:{self.dns}",),
                    "http": (f"127.0.0.1:{self.http}",),
                    "https": (f"127.0.0.1:{self.https}",),
                    **settings,
                }
            ),
        )
        write_certificate(self.folder)
        self.keys = read_keys(self.folder.id_keys.read_text())
        self.process: subprocess.Popen[bytes]

    @property
    def front(self) -> Front:
        """The face that was drawn for it."""
        return read_front(self.folder.front.read_text())

    def mint(self) -> TokenId:
        """A new id."""
        return self.keys.mint(system_entropy)

    def start(self) -> None:
        """Start the process and wait until it listens everywhere."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self.within,
                    *(sys.executable, "-m", "serinus.programs.edge", str(self.folder.root)),
                ],
                stderr=log,
            )
        until(self._listens, "the edge", START_MAX_S)

    def stop(self) -> int:
        """Ask it to stop; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_MAX_S)

    def touches(self) -> list[Touch]:
        """All that the ledger holds."""
        reader = LedgerReader(self.folder.ledger)
        try:
            return [touch for _, touch in reader.read(0, 1_000_000)]
        finally:
            reader.close()

    def noise(self) -> int:
        """How much noise the ledger has counted."""
        reader = LedgerReader(self.folder.ledger)
        try:
            return sum(reader.noise(0).values())
        finally:
            reader.close()

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def run(self, program: str, *words: str, data: bytes = b"", check: bool = True) -> str:
        """Run a real client; return what it prints."""
        return subprocess.run(
            [*self.within, client(program), *words],
            input=data,
            capture_output=True,
            check=check,
            timeout=30,
        ).stdout.decode("latin-1")

    def curl(self, path: str, *options: str, tls: bool = False) -> str:
        """Ask with curl."""
        base = f"https://127.0.0.1:{self.https}" if tls else f"http://127.0.0.1:{self.http}"
        return self.run("curl", "-sS", "-m", "10", *options, base + path)

    def dig(self, *words: str) -> str:
        """Ask with dig."""
        return self.run("dig", "@127.0.0.1", "-p", str(self.dns), "+time=5", "+tries=1", *words)

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        for port in (self.dns, self.http, self.https):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) != 0:
                    return False
        return True


@contextmanager
def running(root: Path, **settings: Any) -> Iterator[LoneEdge]:
    """Start an edge, and hold it to a clean end and a log without tracebacks."""
    edge = LoneEdge(root, **settings)
    edge.start()
    try:
        yield edge
        assert edge.stop() == 0
    finally:
        if edge.process.poll() is None:
            edge.process.kill()
            edge.process.wait()
    assert "traceback" not in edge.log.read_text().lower(), edge.log.read_text()
