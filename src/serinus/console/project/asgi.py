"""The Console as an ASGI application; Django must have been set up by whoever imports this.

Rules:
- A request is refused, or cut off, once it is over `UPLOAD_SIZE_MAX`, before Django keeps it; and
  so is one over `BODY_SIZE_FREE` while bodies of `BODIES_SIZE_MAX` are being read or worked on.
- A request whose body takes longer than `UPLOAD_S` is cut off: connections are few, and strangers
  may open them.
- What fails is logged with the name of its view: paths may hold the secret of a link.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import got_request_exception
from django.http import HttpRequest

from serinus.console.pages.headers import HEADERS
from serinus.console.pages.live import SCOPE_KEY, Changes

# ASGI's own shapes: https://asgi.readthedocs.io/en/latest/specs/www.html.
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

UPLOAD_S = 120.0
"""For a request's body: `UPLOAD_SIZE_MAX` comes over a slow line of 2 Mbit/s."""
BODIES_SIZE_MAX = 128 * 1024 * 1024
"""Bytes of all bodies at once: four of the largest, each of which takes some five times its size
while it is worked on."""
BODY_SIZE_FREE = 16 * 1024
"""Bytes that any body may have: strangers may fill the room, and people must be able to sign in."""

_log = logging.getLogger(__name__)


def make_application(changes: Changes) -> Application:
    """Return the Console, whose pages learn of changes from `changes`."""
    got_request_exception.connect(_log_failure)
    django = ASGIHandler()
    room = _Room()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if _announced_size(scope) > settings.UPLOAD_SIZE_MAX:
            await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        scope[SCOPE_KEY] = changes
        body = _Body(receive, room)
        try:
            await django(scope, body.receive, send)
        finally:
            room.left += body.size
        if body.fault is not None:
            await _refuse(send, body.fault)

    return answer


def _announced_size(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


class _Room:
    """What is left of `BODIES_SIZE_MAX`."""

    def __init__(self) -> None:
        self.left = BODIES_SIZE_MAX


class _Body:
    """A request's body within its bounds; to Django one that is past them has broken off.

    Attributes:
        fault: What it is then answered with.
        size: Bytes that it has taken of the room so far.
    """

    def __init__(self, receive: Receive, room: _Room) -> None:
        self.fault: HTTPStatus | None = None
        self.size = 0
        self._receive = receive
        self._room = room
        self._ends_at: float | None = asyncio.get_running_loop().time() + UPLOAD_S

    async def receive(self) -> Message:
        """Return the next message; after the body's last part it is waited for without end."""
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            return self._break_off(HTTPStatus.REQUEST_TIMEOUT)
        size = len(message.get("body", b""))
        self.size += size
        self._room.left -= size
        if self.size > settings.UPLOAD_SIZE_MAX:
            return self._break_off(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self._room.left < 0 and self.size > BODY_SIZE_FREE:
            return self._break_off(HTTPStatus.SERVICE_UNAVAILABLE)
        if not message.get("more_body"):
            self._ends_at = None
        return message

    def _break_off(self, fault: HTTPStatus) -> Message:
        self.fault = fault
        return {"type": "http.disconnect"}


_SENTENCES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is too much for one request: a file has at most 20 "
    "MiB.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many files are being sent at once: try again in a minute.",
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long: try again over a faster line.",
}


async def _refuse(send: Send, status: HTTPStatus) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": int(status),
            "headers": [
                (b"content-type", b"text/plain"),
                (b"connection", b"close"),
                (b"server", HEADERS["Server"].encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": f"{_SENTENCES[status]}\n".encode()})


def _log_failure(request: HttpRequest | None = None, **_: Any) -> None:
    match = getattr(request, "resolver_match", None)
    _log.error("The view %s failed.", match.view_name if match else "?", exc_info=True)
