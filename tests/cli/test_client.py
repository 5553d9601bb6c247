import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serinus.base.certificates import make_certificate
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.cli import client as client_module
from serinus.cli.client import Client
from serinus.cli.connection import Place

KEY = "serinus_abcdef"


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers every request with what it was told to, like whatever else may stand at a URL."""

    status = 200
    headers_sent: dict[str, str] = {}
    body = b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def stranger(
    status: int, body: bytes, headers: dict[str, str], context: ssl.SSLContext | None = None
) -> Iterator[int]:
    told = type("Told", (Stranger,), {"status": status, "body": body, "headers_sent": headers})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), told) as server:
        server.daemon_threads = True
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def refusal(url: str) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        Client(Place(url, KEY)).get("tokens")
    assert KEY not in caught.value.sentence
    assert "\n" not in caught.value.sentence
    return caught.value


def ask(status: int, body: bytes, media_type: str = "application/json", **headers: str) -> str:
    with stranger(status, body, {"Content-Type": media_type, **headers}) as port:
        return refusal(f"http://127.0.0.1:{port}").sentence


def test_a_port_where_nothing_listens_is_a_sentence_with_a_remedy() -> None:
    with stranger(200, b"", {}) as port:
        pass
    assert refusal(f"http://127.0.0.1:{port}").sentence == (
        f"Nothing answers at http://127.0.0.1:{port}: check SERINUS_URL."
    )


def test_a_page_of_somebody_else_is_not_taken_for_a_console() -> None:
    assert "does not answer like a Console" in ask(200, b"<html>", "text/html")
    assert "does not answer like a Console" in ask(200, b"{")
    assert "status 502" in ask(502, b"<html>bad gateway</html>", "text/html")
    assert "status 500" in ask(500, b"[1, 2]")


def test_a_redirect_is_not_followed_with_the_key() -> None:
    sentence = ask(308, b"", Location="https://else.example/\x1b[31m")
    assert "https://else.example/" in sentence
    assert "\x1b" not in sentence


def test_a_problem_is_said_in_its_own_words_and_made_harmless() -> None:
    problem = {"title": "Bad", "detail": "Memo is \x1b[31mmissing.", "field": "memo"}
    with stranger(
        400, json.dumps(problem).encode(), {"Content-Type": "application/problem+json"}
    ) as port:
        error = refusal(f"http://127.0.0.1:{port}")
    assert error.sentence == "Memo is \\x1b[31mmissing."
    assert error.field == "memo"


def test_a_reply_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "REPLY_SIZE_MAX", 1000)
    assert "more than 1000 bytes" in ask(200, b"x" * 1001)


def test_what_is_not_http_is_a_sentence() -> None:
    with stranger(200, b"", {}) as port:
        assert "cannot be asked" in refusal(f"https://127.0.0.1:{port}").sentence


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, key = make_certificate(("localhost",), system_entropy, datetime.now(UTC))
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    body, headers = b'{"items": [], "next": null}', {"Content-Type": "application/json"}
    with stranger(200, body, headers, context) as port:
        sentence = refusal(f"https://localhost:{port}").sentence
        assert "not trusted" in sentence
        assert "SSL_CERT_FILE" in sentence
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "chain.pem"))
        found = Client(Place(f"https://localhost:{port}", KEY)).get("tokens")
        assert found == {"items": [], "next": None}
        assert "not trusted" in refusal(f"https://127.0.0.1:{port}").sentence


def test_an_unknown_name_is_a_sentence() -> None:
    assert "is not known" in refusal("http://console.invalid").sentence
