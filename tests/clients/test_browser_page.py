"""The page of a browser token, opened by a real Chromium on loopback."""

import os
import select
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue

import pytest

from serinus.base.ids import TokenId
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.kind import Token
from serinus.tokens.kinds.browser import KIND, BrowserOptions
from serinus.tokens.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
WAIT_S = 30
SEEDS = (bytes(32), b"\x01" * 32, b"\x02" * 32, b"\x05" * 32)

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("chromium is not installed", allow_module_level=True)


TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
Seen = tuple[str, str, bytes]
"""Method, path and body of a request that arrived."""


@contextmanager
def served(token: Token, seed: bytes) -> Iterator[tuple[str, "Queue[Seen]"]]:
    """Serve the token's page at any path; yield its URL and what arrives."""
    compiled = KIND.answer(token, Site("example.net", "http://example.net", seed))
    assert compiled is not None
    answer: Answer = compiled
    seen: Queue[Seen] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            seen.put((self.command, self.path, body))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/assets/{TOKEN_ID}/home", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def opened(url: str, folder: Path) -> Iterator[None]:
    """Have Chromium open `url`, in Berlin."""
    assert CHROMIUM is not None, "chromium is missing, and CI must have it"
    browser = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", url],
        env={**os.environ, "TZ": "Europe/Berlin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        browser.terminate()
        browser.wait(WAIT_S)


def wait_for(seen: "Queue[Seen]", method: str, path: str) -> Seen:
    """Return the first request of that method and path; fail if none comes in time."""
    try:
        while (request := seen.get(timeout=WAIT_S))[:2] != (method, path):
            pass
    except Empty:
        pytest.fail(f"no {method} for {path} came within {WAIT_S} s")
    return request


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed[:1].hex())
def test_chromium_reports_its_time_zone_and_screen(seed: bytes, tmp_path: Path) -> None:
    token = Token(TOKEN_ID, "browser", "m", BrowserOptions(text="Hi"), datetime.now(UTC))
    path = f"/assets/{TOKEN_ID}/home"
    with served(token, seed) as (url, seen), opened(url, tmp_path):
        method, target, body = wait_for(seen, "POST", path)
    detail = {"method": method, "target": target, "body": body.decode("latin-1")}
    touch = Touch("1", 0.0, "http", "tcp", "192.0.2.1", 1, (TOKEN_ID,), detail)
    trip = KIND.interpret(touch, token)
    assert trip is not None
    facts = dict(trip.facts)
    assert facts["Time zone"] == "Europe/Berlin"
    assert facts["Screen"].split(", ")[0].isdigit()
    assert int(facts["Processor cores"]) >= 1
    # Loopback is a secure context, so that client hints are there.
    assert facts["Browser versions"]


def test_chromium_reports_before_it_is_sent_on(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as elsewhere:
        target = f"http://127.0.0.1:{elsewhere.server_port}/next"
        token = Token(TOKEN_ID, "browser", "m", BrowserOptions(target), datetime.now(UTC))
        with served(token, SEEDS[0]) as (url, seen), opened(url, tmp_path):
            arrived = select.select([elsewhere], [], [], WAIT_S)[0]
            wait_for(seen, "POST", f"/assets/{TOKEN_ID}/home")
    assert arrived
