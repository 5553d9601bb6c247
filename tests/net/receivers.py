"""What alerts are sent to in tests: a webhook receiver on loopback."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Receiver(BaseHTTPRequestHandler):
    """Remembers each POST and answers as its path says."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.client_address, self.path, self.headers, body))
        if self.path == "/slow":
            time.sleep(1)
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
    """`seen` holds client address, path, headers and body of each POST."""

    seen: list[Any]

    def handle_error(self, *_: Any) -> None:
        pass

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


@contextmanager
def receiving() -> Iterator[Quiet]:
    """Serve on a free port for the length of a block."""
    server = Quiet(("127.0.0.1", 0), Receiver)
    server.seen = []
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
