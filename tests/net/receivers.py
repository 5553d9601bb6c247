"""What alerts are sent to in tests: a webhook receiver on loopback."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

HELD_MAX_S = 20.0
"""So long a POST to /held waits, unless it is released before."""


class Receiver(BaseHTTPRequestHandler):
    """Remembers each POST and answers as its path says."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.came:
            self.server.seen.append((self.client_address, self.path, self.headers, body))
            self.server.came.notify_all()
        if self.path == "/slow":
            time.sleep(1)
        if self.path == "/held":
            self.server.release.wait(HELD_MAX_S)
        if self.path == "/drip":
            for _ in range(30):
                self.wfile.write(b"H")
                time.sleep(0.1)
        status, text = {
            "/moved": (302, b""),
            "/bad": (400, b"no \x1bsuch hook"),
            "/down": (503, b"later"),
            "/long": (200, b"a" * 100_000),
        }.get(self.path, (200, b"taken"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/target")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    """`seen` holds client address, path, headers and body of each POST; `release` ends /held."""

    seen: list[Any]
    came: Condition
    release: Event

    def handle_error(self, *_: Any) -> None:
        pass

    def wait_for(self, count: int) -> None:
        """Wait until so many POSTs have come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.seen) >= count, HELD_MAX_S)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


@contextmanager
def receiving() -> Iterator[Quiet]:
    """Serve on a free port for the length of a block."""
    server = Quiet(("127.0.0.1", 0), Receiver)
    server.seen = []
    server.came = Condition()
    server.release = Event()
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
