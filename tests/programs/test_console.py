"""The Console's process over loopback: first link, live stream, bounds, and a clean end."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare

START_MAX_S = 60.0
STOP_MAX_S = 15.0
PASSWORD = "a long enough passphrase"
MEBIBYTE = 1024 * 1024


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Console:
    """A running Console, and a browser of sorts."""

    def __init__(self, root: Path) -> None:
        self.port = free_port()
        self.folder = DataFolder(root)
        self.log = root.with_name("console.log")
        self.cookies: dict[str, str] = {}
        settings = Settings(
            data=str(root), domain=("files.example",), console=f"127.0.0.1:{self.port}"
        )
        prepare(self.folder, settings)
        self.start()

    def start(self) -> None:
        environment = {**os.environ}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "serinus.programs.console", str(self.folder.root)],
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_MAX_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                self.ask("GET", "/accounts/login/")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())

    def connect(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": jar, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(form) if form else None, headers)
        reply = connection.getresponse()
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return reply

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        reply = self.connect(method, path, form)
        return reply.status, reply.read().decode()

    def submit(self, path: str, form: dict[str, str]) -> int:
        """Load a form, fill it in, and send it."""
        _, text = self.ask("GET", path)
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text)
        assert token is not None, text
        return self.ask("POST", path, {**form, "csrfmiddlewaretoken": token[1]})[0]

    def set_up(self) -> None:
        link = re.search(
            r"^Set up {3}http://127\.0\.0\.1:\d+(/setup/\S+)$", self.log.read_text(), re.M
        )
        assert link is not None, self.log.read_text()
        assert self.submit(link[1], {"username": "olivia", "password": PASSWORD}) == 302

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_MAX_S)


@contextmanager
def running(root: Path) -> Iterator[Console]:
    console = Console(root)
    try:
        yield console
    finally:
        if console.process.poll() is None:
            console.process.kill()
            console.process.wait()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with running(tmp_path_factory.mktemp("console") / "data") as found:
        found.set_up()
        yield found


def test_the_setup_link_works_once_and_is_printed_only_without_an_owner(console: Console) -> None:
    link = re.search(r"(/setup/\S+)", console.log.read_text())
    assert link is not None
    assert console.ask("GET", link[1])[0] == 404
    assert console.ask("GET", "/")[0] == 200


def read_event(reply: http.client.HTTPResponse) -> str:
    """Return the next event of a stream, past comments."""
    while True:
        line = reply.readline().decode().strip()
        if line.startswith("id: "):
            return line.removeprefix("id: ")


def test_a_change_reaches_an_open_page(console: Console) -> None:
    _, text = console.ask("GET", "/")
    number = re.search(r'data-change="(\d+)"', text)
    assert number is not None
    reply = console.connect("GET", f"/changes?after={number[1]}")
    assert reply.getheader("Content-Type") == "text/event-stream"
    raise_alarm(console)
    assert int(read_event(reply)) > int(number[1])
    assert "A test of the feed" in console.ask("GET", "/")[1]


def raise_alarm(console: Console) -> None:
    """Have another process, as the worker is, write an incident."""
    code = (
        "from pathlib import Path\n"
        "from serinus.base.folder import DataFolder\n"
        "from serinus.programs.django_start import start_django\n"
        f"start_django(DataFolder(Path({str(console.folder.root)!r})))\n"
        "from django.utils import timezone\n"
        "from serinus.console.actions.alarms import raise_alarm\n"
        "raise_alarm('feed', 'A test of the feed', timezone.now())\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=START_MAX_S)


def test_a_stranger_hears_of_no_change(console: Console) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=30)
    connection.request("GET", "/changes?after=0")
    assert connection.getresponse().status == 302


@pytest.mark.parametrize("announced", [True, False])
def test_a_request_that_is_too_large_is_cut_off(console: Console, announced: bool) -> None:
    size = 30 * MEBIBYTE
    with socket.create_connection(("127.0.0.1", console.port), timeout=30) as sock:
        length = f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked"
        head = f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n"
        sock.sendall(head.encode())
        block = b"x" * 65536
        chunk = block if announced else b"10000\r\n" + block + b"\r\n"
        try:
            for _ in range(size // len(block)):
                sock.sendall(chunk)
            if not announced:
                sock.sendall(b"0\r\n\r\n")
            answer = sock.recv(4096)
        except OSError:
            answer = b""
    assert not answer or (answer.split()[1] == b"413" and b"granian" not in answer), answer
    assert console.ask("GET", "/")[0] == 200


def test_it_stays_small(console: Console) -> None:
    for _ in range(30):
        console.ask("GET", "/")
    status = Path(f"/proc/{console.process.pid}/status").read_text()
    resident = int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])
    assert resident < 140 * 1024


def test_it_ends_cleanly_with_streams_open(console: Console) -> None:
    streams = [console.connect("GET", "/changes?after=999999") for _ in range(5)]
    for stream in streams:
        assert stream.readline().startswith(b"retry: ")
    assert console.stop() == 0
    for stream in streams:
        stream.read()
    assert "traceback" not in console.log.read_text()
    console.start()
    assert "Set up" not in console.log.read_text()
    assert console.ask("GET", "/")[0] == 200


def test_an_address_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        root = tmp_path / "data"
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        prepare(DataFolder(root), Settings(data=str(root), console=address))
        found = subprocess.run(
            [sys.executable, "-m", "serinus.programs.console", str(root)],
            capture_output=True,
            text=True,
            timeout=START_MAX_S,
        )
    assert found.returncode == 1
    assert address in found.stderr
    assert "Traceback" not in found.stderr
