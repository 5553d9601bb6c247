"""A full ledger disk: nobody is answered, nothing that was answered is lost, and it passes by."""

import contextlib
import itertools
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from clients.ground import until
from clients.lone_edge import ZONE, LoneEdge

SIZE = "8M"
"""Of the disk: an empty ledger with its WAL fits many times."""
TIMEOUT_S = 3.0


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[LoneEdge]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    found = LoneEdge(tmp_path / "data")
    ledger = found.folder.ledger.parent
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(ledger)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        found.start()
        yield found
        assert found.stop() == 0
    finally:
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait()
        subprocess.run(["umount", str(ledger)], check=True)
    assert "traceback" not in found.log.read_text().lower()


def ask(edge: LoneEdge, path: str, body: bytes = b"") -> bool:
    """Whether a request got its answer."""
    head = f"POST {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", edge.http), TIMEOUT_S) as sock:
            sock.sendall(head + body)
            return sock.recv(4096).startswith(b"HTTP/1.1")
    except OSError:
        return False


def resolve(edge: LoneEdge, name: str) -> bool:
    """Whether a name got its answer."""
    words = ("@127.0.0.1", "-p", str(edge.dns), "+time=1", "+tries=1", f"{name}.{ZONE}", "+short")
    return "127.0.0.1" in edge.run("dig", *words, check=False).splitlines()


@contextmanager
def filled(ballast: Path) -> Iterator[None]:
    """Take all the room on the disk, also what SQLite gives back when it closes its files."""
    stop = Event()

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            while not stop.wait(0.005):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * 4096):
                        pass

    filler = Thread(target=fill)
    filler.start()
    try:
        yield
    finally:
        stop.set()
        filler.join()
        ballast.unlink()


def test_a_full_disk_silences_everything_and_room_brings_it_back(edge: LoneEdge) -> None:
    token, numbers, promised = edge.mint(), itertools.count(), set[str]()

    def hit(size: int = 0) -> bool:
        target = f"/{token}/{next(numbers)}"
        answered = ask(edge, target, os.urandom(size))
        if answered:
            promised.add(target)
        return answered

    def lookup() -> bool:
        name = f"n{next(numbers)}.{token}"
        answered = resolve(edge, name)
        if answered:
            promised.add(f"{name}.{ZONE}")
        return answered

    def silent() -> bool:
        hit(30_000)
        return not (hit() or ask(edge, "/robots.txt") or lookup() or resolve(edge, "www"))

    assert hit() and lookup()
    with filled(edge.folder.ledger.with_name("ballast")):
        until(silent, "silence")
        assert silent()
        assert "nothing is accepted" in edge.log.read_text()
    until(lambda: ask(edge, "/robots.txt"), "the edge's return")
    assert hit() and lookup()
    kept = {touch.detail.get("target") or touch.detail.get("name") for touch in edge.touches()}
    assert promised <= kept and len(promised) >= 4
    assert "takes writes again" in edge.log.read_text()
