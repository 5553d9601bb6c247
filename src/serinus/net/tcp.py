"""The TCP shell: drives one conversation per connection and obeys its commands.

Evidence first: whatever follows a `Report` waits until that report is durable; if it cannot be
made durable, the connection is closed without an answer. The shell has bounds of its own: open
connections, bytes waiting to be sent, and how long a peer may take to read them.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from serinus.base.clock import unix_time
from serinus.base.settings import Listen
from serinus.net.udp import Keep
from serinus.wire.conversation import Close, Command, Conversation, Report, Send, Wake

CONNECTIONS_MAX = 20_000
"""Open connections per front; beyond it new ones are closed at once (about 10 KiB each)."""
BACKLOG = 4096
WRITE_TIMEOUT_S = 30.0
"""How long a peer may leave our answer unread before the connection is aborted."""
WRITE_BUFFER_MAX = 8 * 1024 * 1024
"""Bytes waiting to be sent on one connection; an answer is at most 5 MiB."""

Open = Callable[[asyncio.Transport], Conversation]
"""Makes the conversation for a connection that has just been opened."""


class StreamShell(asyncio.Protocol):
    """Moves bytes between one connection and its conversation."""

    def __init__(self, open_: Open, keep: Keep, shells: "set[StreamShell]") -> None:
        self._open = open_
        self._keep = keep
        self._shells = shells
        self._todo: deque[Command] = deque()
        self._held = False
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._conversation: Conversation
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the conversation, or close at once where there are too many."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - streams only
        self._transport = transport
        if len(self._shells) >= CONNECTIONS_MAX:
            self._ending = True
            transport.abort()
            return
        self._shells.add(self)
        self._conversation = self._open(transport)
        self._obey(self._conversation.opened(unix_time()))

    def data_received(self, data: bytes) -> None:
        """Hand the bytes on."""
        if not self._ending:
            self._obey(self._conversation.received(data, unix_time()))

    def eof_received(self) -> bool:
        """Let the conversation finish what it has; the answer may still be on its way."""
        if not self._ending:
            self._obey(self._conversation.closed(unix_time()))
            self._todo.append(Close())
            self._work()
        # Half-closed TLS is not to be had: there the answer may be lost, the evidence is not.
        return self._transport.get_extra_info("ssl_object") is None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's shape
        """Forget the connection; reports under way are kept all the same."""
        self._shells.discard(self)
        self._ending = True
        if self._timer:
            self._timer.cancel()

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    def _obey(self, commands: Sequence[Command]) -> None:
        self._todo.extend(commands)
        self._work()

    def _work(self) -> None:
        while self._todo and not self._held:
            command = self._todo.popleft()
            if isinstance(command, Report):
                self._held = True
                # Nobody may fill our memory while the disk is slow.
                with contextlib.suppress(RuntimeError):
                    self._transport.pause_reading()
                self._keep(command.touch, self._kept)
            elif isinstance(command, Send):
                self._send(command.data)
            elif isinstance(command, Wake):
                self._wake_at(command.at)
            else:
                self._finish()

    def _kept(self, kept: bool) -> None:
        self._loop.call_soon_threadsafe(self._go_on, kept)

    def _go_on(self, kept: bool) -> None:
        self._held = False
        if not kept:
            self._todo.clear()
            self._finish()
            return
        if not self._transport.is_closing():
            with contextlib.suppress(RuntimeError):
                self._transport.resume_reading()
        self._work()

    def _send(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() + len(data) > WRITE_BUFFER_MAX:
            self._transport.abort()
            return
        self._transport.write(data)

    def _finish(self) -> None:
        self._ending = True
        self._todo.clear()
        self._transport.close()
        # A peer that never reads would hold the rest of the answer for ever.
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(WRITE_TIMEOUT_S, self._transport.abort)

    def _wake_at(self, at: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(max(0.0, at - unix_time()), self._woken)

    def _woken(self) -> None:
        if not self._ending:
            self._obey(self._conversation.woken(unix_time()))


def bind_tcp(listen: Listen) -> socket.socket:
    """Return a listening, non-blocking TCP socket; raises OSError as the kernel says it."""
    family = socket.AF_INET6 if ":" in listen.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind((listen.address, listen.port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


async def serve_tcp(
    sock: socket.socket, open_: Open, keep: Keep, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Accept connections from now on; close the returned server to stop."""
    shells: set[StreamShell] = set()
    options: dict[str, Any] = {}
    if tls:
        options = {"ssl": tls, "ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 5.0}
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: StreamShell(open_, keep, shells), sock=sock, backlog=BACKLOG, **options
    )
