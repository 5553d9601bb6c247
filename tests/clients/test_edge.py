"""The edge as a process, asked by real clients; the ledger is read as the worker would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.ids import IdKeys, read_keys
from serinus.base.settings import Settings
from serinus.ledger.answers import AnswersWriter
from serinus.ledger.store import LedgerReader
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.programs.first_start import prepare

START_MAX_S = 10.0
ZONE = "files.example"


def client(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is missing")
        pytest.skip(f"{name} is missing")
    return found


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Edge(NamedTuple):
    folder: DataFolder
    keys: IdKeys
    process: "subprocess.Popen[bytes]"
    dns: int
    http: int

    def touches(self) -> list[Touch]:
        reader = LedgerReader(self.folder.ledger)
        try:
            return [touch for _, touch in reader.read(0, 1000)]
        finally:
            reader.close()

    def curl(self, path: str, *options: str) -> str:
        return subprocess.run(
            [client("curl"), "-sS", "-m", "10", *options, f"http://127.0.0.1:{self.http}{path}"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    def dig(self, *words: str) -> str:
        return subprocess.run(
            [client("dig"), "@127.0.0.1", "-p", str(self.dns), "+time=5", "+tries=1", *words],
            capture_output=True,
            check=True,
            text=True,
        ).stdout


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    folder = DataFolder(tmp_path / "data")
    dns, http = free_port(), free_port()
    prepare(
        folder,
        Settings(
            data=str(folder.root),
            domain=(ZONE,),
            dns=(f"127.0.0.1:{dns}",),
            http=(f"127.0.0.1:{http}",),
        ),
    )
    process = subprocess.Popen([sys.executable, "-m", "serinus.programs.edge", str(folder.root)])
    deadline = time.monotonic() + START_MAX_S
    while time.monotonic() < deadline:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", http)) == 0:
                break
        time.sleep(0.02)
    try:
        yield Edge(folder, read_keys(folder.id_keys.read_text()), process, dns, http)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_curl_trips_a_token_and_the_touch_is_durable_before_the_answer(edge: Edge) -> None:
    token = edge.keys.mint(system_entropy)
    edge.curl(f"/assets/{token}/logo.gif", "-A", "somebody on web01", "-o", os.devnull)
    (touch,) = edge.touches()
    assert touch.tokens == (token,)
    assert touch.source == "127.0.0.1"
    assert ["User-Agent", "somebody on web01"] in touch.detail["headers"]


def test_dig_trips_a_token_with_any_type_over_udp_and_tcp(edge: Edge) -> None:
    token = edge.keys.mint(system_entropy)
    assert "127.0.0.1" in edge.dig(f"web01.{token}.{ZONE}", "+short")
    edge.dig(f"{token}.{ZONE}", "TXT", "+tcp")
    assert [(t.transport, t.detail["type"]) for t in edge.touches()] == [
        ("udp", "A"),
        ("tcp", "TXT"),
    ]
    assert edge.touches()[0].detail["left"] == ["web01"]


def test_a_compiled_answer_is_served_and_another_id_gets_the_surface(edge: Edge) -> None:
    token, dead = (edge.keys.mint(system_entropy) for _ in range(2))
    AnswersWriter(edge.folder.answers).put(
        token, Answer(302, (("Location", "https://intranet.example/"),))
    )
    code = ("-o", os.devnull, "-w", "%{http_code} %{redirect_url}")
    assert edge.curl(f"/{token}/", *code) == "302 https://intranet.example/"
    assert edge.curl(f"/{dead}/", *code).startswith("200")


def test_an_edge_that_is_killed_has_kept_every_touch_it_answered(edge: Edge) -> None:
    token = edge.keys.mint(system_entropy)
    for number in range(50):
        edge.dig(f"{number}.{token}.{ZONE}", "+short")
    edge.process.kill()
    edge.process.wait()
    assert [t.detail["left"] for t in edge.touches()] == [[str(n)] for n in range(50)]
    edge.process.returncode = 0  # For the fixture: this end was wanted.
