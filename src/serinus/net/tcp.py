"""The TCP shell: drives one conversation per connection and obeys its commands.

Rules:
- Evidence first: whatever follows a `Report` waits until that report is durable; if it cannot be
  made durable, the connection is closed without an answer. A peer that is gone meanwhile takes
  nothing back: the reports of what it sent are still kept.
- While the keeper is not ready nobody is answered: what connects or sends is closed.
- A connection is accepted, read and answered from one readiness callback. Only one that has to
  wait, for its peer or for the ledger, costs more than its system calls.
- Open connections, bytes waiting to be sent, and every wait have bounds. Where too many peers are
  waited for, the one that has been connected longest makes room.
"""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import Callable, Sequence

from serinus.base.clock import unix_time
from serinus.base.settings import Listen
from serinus.model.touch import Evidence
from serinus.net.keeper import Keeper
from serinus.wire.conversation import Close, Command, Conversation, Noise, Report, Send, Wake

CONNECTIONS_MAX = 10_000
"""Peers waited for on one listener (about 3 KiB each, 20 KiB with TLS)."""
BACKLOG = 4096
"""Connections that the kernel holds for us; Linux cuts it to its net.core.somaxconn."""
DEFER_ACCEPT_S = 3
"""How long the kernel keeps a connection that says nothing to itself; Apache has it do so, too."""
ACCEPT_MAX = 128
"""Connections accepted before the loop's other work has its turn, some 3 ms later. What they bring
is committed together, and a commit costs as much as ten of them."""
ACCEPT_PAUSE_S = 0.1
"""Pause after the kernel had no descriptor for a connection, instead of asking again at once."""
READ_SIZE = 4096
"""Bytes read at once: a usual request whole, and no more small ones than take some milliseconds."""
WRITE_TIME_S = 120.0
"""A peer that has not read our answer by then is dropped: 5 MiB at 350 kbit/s."""
WRITE_SIZE_MAX = 16 * 1024 * 1024
"""Bytes that wait to be sent to one peer; an answer is at most 5 MiB."""
WRITE_TOTAL_MAX = 128 * 1024 * 1024
"""Bytes that wait to be sent to all peers of a listener."""
LINGER_TIME_S = 5.0
"""How long a peer's further bytes are read away after the last answer (RFC 9112 §9.6)."""
LINGER_SIZE_MAX = 16 * 1024 * 1024
"""Bytes read away at most; a client that still sends after that does not want our answer."""

_CLOSE = Close()
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_log = logging.getLogger(__name__)

Open = Callable[[str, int], Conversation]
"""Makes the conversation for a connection, given the peer's address and port."""


class StreamShell:
    """Moves bytes between one connection and its conversation. `TCPServer` makes it."""

    __slots__ = (
        *("_conversation", "_deaf", "_ending", "_fd", "_held", "_lingered", "_loop", "_out"),
        *("_reading", "_server", "_timer", "_todo", "_unread", "_wake_at", "_write_timer"),
    )

    def __init__(self, server: "TCPServer", fd: int, conversation: Conversation) -> None:
        self._server = server
        self._loop = server.loop
        self._fd = fd
        self._conversation = conversation
        self._todo: Sequence[Command] = ()
        self._out = b""
        self._held = self._ending = self._deaf = self._reading = self._unread = False
        self._lingered = 0
        self._wake_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def begin(self, now: float) -> None:
        """Open the conversation and read what is there already: most peers send at once."""
        self._obey(self._conversation.opened(now), False)
        if not self._ending:
            self._read_at(now)

    def drop(self) -> None:
        """Give the peer up; what it sent is still evidence."""
        self._deaf = True
        self._end_write()
        if self._ending:
            self._close()
        elif not self._held:
            self._obey([*self._conversation.closed(unix_time()), _CLOSE])

    def _read(self) -> None:
        self._read_at(unix_time())

    def _read_at(self, now: float) -> None:
        if self._ending:
            self._read_away()
            return
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            self._wait()
            return
        except OSError:
            data = b""  # Reset by the peer.
            self._deaf = True
        if not self._server.keeper.ready:
            self._ending = True
            self._close()
            return
        if data:
            self._obey(self._conversation.received(data, now))
        else:
            # A half-closed peer still reads: its answers may be on their way.
            self._obey([*self._conversation.closed(now), _CLOSE])

    def _obey(self, commands: Sequence[Command], wait: bool = True) -> None:
        for at, command in enumerate(commands):
            if isinstance(command, Report):
                self._todo = commands[at + 1 :]
                self._hold(command.touch)
                return
            if isinstance(command, Send):
                self._send(command.data)
            elif isinstance(command, Noise):
                self._server.keeper.count_noise(command.source, 1)
            elif isinstance(command, Wake):
                self._wake_at = command.at
            else:
                self._finish(command.unread)
                return
        if self._deaf:
            self.drop()
        elif wait:
            self._wait()

    def _hold(self, touch: Evidence) -> None:
        self._held = True
        # Nobody may fill our memory while the disk is slow.
        self._rest()
        self._server.keeper.keep((touch,), self._go_on)

    def _go_on(self, kept: bool) -> None:
        self._held = False
        if not kept:
            self._deaf = True
            self._end_write()
            self._finish(False)
        else:
            todo, self._todo = self._todo, ()
            self._obey(todo)

    def _send(self, data: bytes) -> None:
        if self._deaf or not data:
            return
        sent = 0
        if not self._out:
            try:
                sent = os.write(self._fd, data)
            except BlockingIOError:
                pass
            except OSError:
                self._deaf = True
                return
        if sent < len(data):
            self._send_later(data[sent:] if sent else data)

    def _send_later(self, rest: bytes) -> None:
        server = self._server
        if (
            len(self._out) + len(rest) > WRITE_SIZE_MAX
            or server.unsent + len(rest) > WRITE_TOTAL_MAX
        ):
            self._deaf = True
            self._end_write()
            return
        if not self._out:
            self._loop.add_writer(self._fd, self._write)
            self._write_timer = self._loop.call_later(WRITE_TIME_S, self.drop)
        self._out += rest
        server.unsent += len(rest)

    def _write(self) -> None:
        try:
            sent = os.write(self._fd, self._out)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        self._out = self._out[sent:]
        self._server.unsent -= sent
        if not self._out:
            self._end_write()
            if self._ending:
                self._end()
            elif not self._held:
                self._wait()

    def _end_write(self) -> None:
        if self._write_timer is not None:
            self._loop.remove_writer(self._fd)
            self._write_timer.cancel()
            self._write_timer = None
        self._server.unsent -= len(self._out)
        self._out = b""

    def _finish(self, unread: bool) -> None:
        self._ending = True
        self._unread = unread
        self._todo = ()
        self._stop_reading()
        if self._out:
            self._server.wait_for(self)
        else:
            self._end()

    def _end(self) -> None:
        """Close, or first read away what the peer is still sending."""
        if not self._unread or self._deaf:
            self._close()
            return
        try:
            sock = socket.socket(fileno=self._fd)
            try:
                sock.shutdown(socket.SHUT_WR)
            finally:
                sock.detach()
        except OSError:
            self._close()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(LINGER_TIME_S, self._close)
        self._listen()

    def _read_away(self) -> None:
        try:
            size = len(os.read(self._fd, READ_SIZE))
        except BlockingIOError:
            return
        except OSError:
            size = 0
        self._lingered += size
        if not size or self._lingered > LINGER_SIZE_MAX:
            self._close()

    def _close(self) -> None:
        self._rest()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._out:
            self._end_write()
        self._server.shells.discard(self)
        os.close(self._fd)

    def _wait(self) -> None:
        """Wait for the peer; it may send more once it has read what we have for it."""
        if self._out:
            self._stop_reading()
            self._server.wait_for(self)
        else:
            self._listen()
        at = self._wake_at
        if at is not None and (self._timer is None or self._timer.when() > self._due(at)):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._due(at), self._woken)

    def _due(self, at: float) -> float:
        return self._loop.time() + max(0.0, at - unix_time())

    def _woken(self) -> None:
        self._timer = None
        if self._ending or self._held or self._wake_at is None:
            return  # `_wait` sets the timer anew.
        if unix_time() < self._wake_at:
            self._wait()
            return
        self._wake_at = None
        self._obey(self._conversation.woken(unix_time()))

    def _listen(self) -> None:
        if not self._reading:
            self._reading = True
            self._loop.add_reader(self._fd, self._read)
        self._server.wait_for(self)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._fd)

    def _rest(self) -> None:
        """Wait for the peer no longer: for the ledger, or for nothing."""
        self._stop_reading()
        self._server.waited.pop(self, None)


class TCPServer:
    """Accepts the connections of one listener. `serve_tcp` makes it.

    Attributes:
        shells: The connections that are open.
        waited: Those of them that wait for their peer, the longest connected first.
        unsent: Bytes that wait to be sent to all of them.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        open_: Open,
        keeper: Keeper,
        connections_max: int,
    ) -> None:
        self.loop = loop
        self.keeper = keeper
        self.shells: set[StreamShell] = set()
        self.waited: dict[StreamShell, None] = {}
        self.unsent = 0
        self._sock = sock
        self._open = open_
        self._connections_max = connections_max
        self._pause: asyncio.TimerHandle | None = None
        self._starves = False
        loop.add_reader(sock, self._accept)

    def wait_for(self, shell: StreamShell) -> None:
        """Take note that a connection waits for its peer, and make room where there is none."""
        self.waited[shell] = None
        if len(self.waited) > self._connections_max:
            next(iter(self.waited)).drop()

    def stop_accepting(self) -> None:
        """Close the listener; connections stay."""
        if self._pause is not None:
            self._pause.cancel()
        if self._sock.fileno() >= 0:
            self.loop.remove_reader(self._sock)
            self._sock.close()

    def close(self) -> None:
        """Close the listener and drop every connection; what was reported is still kept."""
        self.stop_accepting()
        for shell in list(self.shells):
            shell.drop()

    def _accept(self) -> None:
        ready = self.keeper.ready  # What is read of each is not answered without asking again.
        now = unix_time()
        for _ in range(ACCEPT_MAX):
            try:
                # Without a socket object: a fifth of what the whole connection costs the kernel.
                fd, peer = self._sock._accept()  # type: ignore[attr-defined]
            except BlockingIOError:
                self._starves = False
                return
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    self._rest(error)
                    return
                continue  # It was reset before we came to it.
            if not ready:
                os.close(fd)
                continue
            os.set_blocking(fd, False)
            shell = StreamShell(self, fd, self._open(peer[0], peer[1]))
            self.shells.add(shell)
            shell.begin(now)

    def _rest(self, error: OSError) -> None:
        if not self._starves:
            self._starves = True
            _log.warning("No connection can be accepted for a while: %s", error.strerror)
        self.loop.remove_reader(self._sock)
        self._pause = self.loop.call_later(
            ACCEPT_PAUSE_S, self.loop.add_reader, self._sock, self._accept
        )
        if self.waited:
            next(iter(self.waited)).drop()


def bind_tcp(listen: Listen) -> socket.socket:
    """Return a listening, non-blocking TCP socket; raises OSError as the kernel says it."""
    family = socket.AF_INET6 if ":" in listen.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Linux: connections inherit it.
        with contextlib.suppress(AttributeError, OSError):  # Linux alone has it.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, DEFER_ACCEPT_S)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind((listen.address, listen.port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def serve_tcp(
    sock: socket.socket, open_: Open, keeper: Keeper, connections_max: int = CONNECTIONS_MAX
) -> TCPServer:
    """Accept connections in the running loop from now on; close the returned server to stop.

    Args:
        sock: From `bind_tcp`; closed with the server.
        open_: Makes the conversation of a connection. In every protocol of ours the peer speaks
            first, which the kernel is told to wait for.
        keeper: Takes the touches.
        connections_max: Peers waited for at the same time.
    """
    return TCPServer(asyncio.get_running_loop(), sock, open_, keeper, connections_max)
