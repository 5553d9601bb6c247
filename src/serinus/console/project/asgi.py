"""The Console as an ASGI application; Django must have been set up by whoever imports this.

Rules:
- A request is refused, or cut off, once it is over `UPLOAD_SIZE_MAX`, before Django keeps it.
- What fails is logged with the name of its view: paths may hold the secret of a link.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import got_request_exception
from django.http import HttpRequest

from serinus.console.pages.live import SCOPE_KEY, Changes

# ASGI's own shapes: https://asgi.readthedocs.io/en/latest/specs/www.html.
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)


def make_application(changes: Changes) -> Application:
    """Return the Console, whose pages learn of changes from `changes`."""
    got_request_exception.connect(_log_failure)
    django = ASGIHandler()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if _announced_size(scope) > settings.UPLOAD_SIZE_MAX:
            await _refuse(send)
            return
        scope[SCOPE_KEY] = changes
        await django(scope, _bounded(receive), send)

    return answer


def _announced_size(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _bounded(receive: Receive) -> Receive:
    left = settings.UPLOAD_SIZE_MAX

    async def receive_bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        # A body without an announced size that grows too large is as one that broke off.
        return message if left >= 0 else {"type": "http.disconnect"}

    return receive_bounded


async def _refuse(send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [(b"content-type", b"text/plain"), (b"connection", b"close")],
        }
    )
    await send({"type": "http.response.body", "body": b"Too large.\n"})


def _log_failure(request: HttpRequest | None = None, **_: Any) -> None:
    match = getattr(request, "resolver_match", None)
    _log.error("The view %s failed.", match.view_name if match else "?", exc_info=True)
