"""Tells open pages that something changed, as server-sent events (WHATWG HTML §9.2).

One reader looks for all: one SELECT each `POLL_S` while anybody listens, none otherwise. An event
carries nothing but the change's number; the page then asks for itself, with its own rights.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from serinus.console.actions.finding import last_change

POLL_S = 0.3
GAP_S = 0.7
"""Between two events of one listener, so that a flood of touches is not one of page loads."""
KEEP_ALIVE_S = 15.0
"""Proxies close a silent connection after 30 s and more."""
LIFE_S = 600.0
"""After this a stream ends and the browser asks again, with the rights that it then has."""
RETRY_MS = 1000
"""How soon a browser opens a stream again that ended."""
LISTENERS_MAX = 200
"""Each is one connection; a page shares its stream with the other tabs of its browser."""
SCOPE_KEY = "serinus.changes"
"""Where the ASGI application hands the watcher to views."""

_log = logging.getLogger(__name__)


class Changes:
    """Watches the number of the newest change on behalf of all listeners."""

    def __init__(self, read: Callable[[], int] = last_change) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="changes")
        self._number = 0
        self._listeners = 0
        self._stopped = False
        self._moved = asyncio.Event()
        self._wanted = asyncio.Event()

    async def watch(self) -> None:
        """Look until `stop`."""
        loop = asyncio.get_running_loop()
        while not self._stopped:
            await self._wanted.wait()
            try:
                number = await loop.run_in_executor(self._thread, self._read)
            except DatabaseError as error:
                _log.warning("Changes cannot be watched: %s", error)
                number = self._number
            if number != self._number:
                self._number = number
                self._wake()
            await asyncio.sleep(POLL_S)
        self._thread.shutdown(wait=False)

    def stop(self) -> None:
        """End the watch and every stream."""
        self._stopped = True
        self._wanted.set()
        self._wake()

    @property
    def is_full(self) -> bool:
        """Whether no further listener is taken."""
        return self._stopped or self._listeners >= LISTENERS_MAX

    async def follow(self, after: int) -> AsyncIterator[int | None]:
        """Yield the number of the newest change whenever it has grown; None keeps it alive."""
        if self.is_full:  # Others came between the look and the beginning.
            return
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + LIFE_S
        self._listeners += 1
        self._wanted.set()
        try:
            yield None
            while not self._stopped and loop.time() < ends_at:
                moved = self._moved
                if self._number > after:
                    after = self._number
                    yield after
                    await asyncio.sleep(GAP_S)
                else:
                    await _pause(moved)
                    yield None
        finally:
            self._listeners -= 1
            if not self._listeners and not self._stopped:
                self._wanted.clear()

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


@require_GET
async def stream_changes(request: HttpRequest) -> HttpResponseBase:
    """Answer with a stream of changes after the number that the page was made at."""
    changes: Changes = request.scope[SCOPE_KEY]  # type: ignore[attr-defined]
    if changes.is_full:
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    seen = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 20 else 0
    # The connection of the request's own thread, which would be open as long as the stream.
    await sync_to_async(connections.close_all)()
    return StreamingHttpResponse(
        _write_events(changes, after),
        content_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _pause(moved: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(KEEP_ALIVE_S):
            await moved.wait()


async def _write_events(changes: Changes, after: int) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\n\n".encode()
    async for number in changes.follow(after):
        yield b":\n\n" if number is None else f"id: {number}\ndata: changed\n\n".encode()
