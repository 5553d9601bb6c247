"""The application as its server calls it; over a real one it is tested in tests/programs."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from serinus.console.pages.live import Changes
from serinus.console.project import asgi

PATIENCE_S = 20
HEADERS = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]


def ask(
    *parts: dict[str, Any], announced: int = 100, application: asgi.Application | None = None
) -> list[Mapping[str, Any]]:
    """Post these parts of a body and nothing more; return what is answered before it gives up."""
    sent: list[Mapping[str, Any]] = []

    async def run() -> None:
        left = list(parts)

        async def receive() -> dict[str, Any]:
            if left:
                return left.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/accounts/login/",
            "query_string": b"",
            "headers": [*HEADERS, (b"content-length", str(announced).encode())],
        }
        async with asyncio.timeout(PATIENCE_S):
            await (application or asgi.make_application(Changes()))(scope, receive, send)

    asyncio.run(run())
    return sent


def part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_does_not_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "UPLOAD_S", 0.1)
    start, _ = ask(part(b"a", more=True))
    assert start["status"] == 408


def test_a_body_in_time_is_answered() -> None:
    start, *_ = ask(part(b"a=", more=True), part(b"b", more=False))
    assert start["status"] == 403


def test_a_body_that_grows_too_large_is_cut_off() -> None:
    mebibyte = part(b"x" * 2**20, more=True)
    start, _ = ask(*[mebibyte] * 29)
    assert start["status"] == 413


def test_a_body_beside_too_many_others_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODIES_SIZE_MAX", 10)
    start, body = ask(part(b"x" * (asgi.BODY_SIZE_FREE + 1), more=True))
    assert start["status"] == 503
    assert b"try again" in body["body"]


def test_a_body_that_is_small_is_taken_beside_any_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODIES_SIZE_MAX", 0)
    start, *_ = ask(part(b"a=" + b"x" * 100, more=False))
    assert start["status"] == 403


def test_what_a_body_took_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODIES_SIZE_MAX", 10)
    monkeypatch.setattr(asgi, "BODY_SIZE_FREE", 0)
    application = asgi.make_application(Changes())
    for _ in range(3):
        start, *_ = ask(part(b"a=" + b"x" * 6, more=False), application=application)
        assert start["status"] == 403


def test_a_client_that_goes_is_not_answered() -> None:
    assert ask(part(b"a", more=True), {"type": "http.disconnect"}) == []


def test_a_request_that_announces_too_much_is_refused_unread() -> None:
    start, body = ask(announced=10**9)
    assert start["status"] == 413
    assert b"granian" not in str(start["headers"]).encode()
    assert body["body"]
