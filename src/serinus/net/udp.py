"""The UDP shell: drains a socket from the readiness callback, one plain call per datagram.

Rules:
- It knows nothing of the protocol: a datagram goes in, bytes or nothing come out.
- A touch is made durable before its bytes leave. A datagram without one is noise and is counted.
- While the keeper is not ready, every datagram is dropped unread.
- What one drain read leaves together: its noise at once, its hits once they are durable.

Where there are `recvmmsg` and `sendmmsg`, two system calls serve a whole drain; elsewhere each
datagram takes two. Draining costs a third of what an object per packet costs.
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from serinus.base.clock import unix_time
from serinus.base.settings import Listen
from serinus.model.touch import Evidence
from serinus.net.keeper import Keeper
from serinus.net.messages import Places, find_calls

DATAGRAM_SIZE_MAX: Final = 4096
"""Bytes read of one datagram; a lawful query is far smaller. No longer answer is sent, either."""
DRAIN_MAX: Final = 256
"""Datagrams taken at one go before other sockets get their turn, after 2 ms at most."""
RECEIVE_BUFFER_SIZE: Final = 4 * 1024 * 1024
"""Bytes the kernel may hold for us while a burst lasts."""
SOURCES_MAX: Final = 4096
"""Addresses whose text is remembered: a busy resolver asks again within milliseconds."""

_log = logging.getLogger(__name__)

Handle = Callable[[bytes, str, int, float], tuple[bytes | None, Evidence | None]]
"""Datagram, source address, source port and now (Unix seconds) to the bytes to send back, if any,
and the touch that must be durable before they are sent, if any."""

Peer = Any
"""Where an answer goes, as the socket gave it and takes it again."""


def bind_udp(listen: Listen) -> socket.socket:
    """Return a bound, non-blocking UDP socket; raises OSError as the kernel says it."""
    family = socket.AF_INET6 if ":" in listen.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_SIZE)
        sock.setblocking(False)
        sock.bind((listen.address, listen.port))
    except OSError:
        sock.close()
        raise
    return sock


def serve_udp(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, handle: Handle, keeper: Keeper
) -> None:
    """Answer datagrams from now on, until the socket is taken off the loop."""
    loop.add_reader(sock.fileno(), _Shell(open_carrier(sock), handle, keeper).drain)


class Carrier(Protocol):
    """Moves datagrams between a socket and its shell."""

    def receive(self) -> list[tuple[bytes, str, int, Peer]]:
        """Return what is there, at most `DRAIN_MAX`: datagram, source address, port, peer."""

    def send(self, answers: list[tuple[bytes, Peer]]) -> None:
        """Send what the kernel takes; the rest is lost, and resolvers ask again."""


def open_carrier(sock: socket.socket) -> Carrier:
    """Return the fastest carrier that the system has."""
    try:
        return ManyCarrier(sock)
    except OSError:
        return SingleCarrier(sock)


class _Shell:
    """What is done with each datagram of one socket.

    Attributes:
        faults: Datagrams whose handling raised what nobody foresaw; the first is in the log.
    """

    def __init__(self, carrier: Carrier, handle: Handle, keeper: Keeper) -> None:
        self.faults = 0
        self._carrier, self._handle, self._keeper = carrier, handle, keeper

    def drain(self) -> None:
        """Read what is there, answer the noise, hand over the touches."""
        noise: dict[str, int] = {}
        answers: list[tuple[bytes, Peer]] = []
        held: list[tuple[bytes, Peer]] = []
        touches: list[Evidence] = []
        handle, ready, now = self._handle, self._keeper.ready, unix_time()
        for datagram, source, port, peer in self._carrier.receive():
            if ready:
                try:
                    response, touch = handle(datagram, source, port, now)
                except Exception:
                    # One datagram that shows a mistake of ours must not take the others with it.
                    self._note_fault()
                    continue
                if touch is not None:
                    touches.append(touch)
                    if response:
                        held.append((response, peer))
                    continue
                if response:
                    answers.append((response, peer))
            noise[source] = noise.get(source, 0) + 1
        if touches:
            self._keeper.keep(touches, _Held(self._carrier, held).settle)
        if answers:
            self._carrier.send(answers)
        for source, count in noise.items():
            self._keeper.count_noise(source, count)

    def _note_fault(self) -> None:
        if not self.faults:
            _log.exception("a datagram could not be handled; further ones are only counted")
        self.faults += 1


class _Held:
    """The answers to one drain's hits, until it is known whether these are durable."""

    def __init__(self, carrier: Carrier, answers: list[tuple[bytes, Peer]]) -> None:
        self._carrier, self._answers = carrier, answers

    def settle(self, kept: bool) -> None:
        """Send the answers if their touches are durable."""
        if kept:
            self._carrier.send(self._answers)


class SingleCarrier:
    """A system call for each datagram: works everywhere."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def receive(self) -> list[tuple[bytes, str, int, Peer]]:
        """See `Carrier`."""
        found: list[tuple[bytes, str, int, Peer]] = []
        for _ in range(DRAIN_MAX):
            try:
                datagram, peer = self._sock.recvfrom(DATAGRAM_SIZE_MAX)
            except BlockingIOError:
                break
            except OSError:
                continue  # An ICMP error of an earlier answer: nothing of ours is lost.
            found.append((datagram, peer[0], peer[1], peer))
        return found

    def send(self, answers: list[tuple[bytes, Peer]]) -> None:
        """See `Carrier`."""
        for response, peer in answers:
            if len(response) > DATAGRAM_SIZE_MAX:
                continue
            # The peer may be gone or the buffer full. `contextlib.suppress` costs far more.
            try:
                self._sock.sendto(response, peer)
            except OSError:
                continue


class ManyCarrier:
    """One system call for all that is there; a peer is its address as the kernel wrote it.

    Raises:
        OSError: The system has no such calls.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._receive, self._send = find_calls(sock.fileno())
        self._in = Places(sock.family, DRAIN_MAX, DATAGRAM_SIZE_MAX)
        self._out = Places(sock.family, DRAIN_MAX, DATAGRAM_SIZE_MAX)
        self._sources: dict[bytes, str] = {}

    def receive(self) -> list[tuple[bytes, str, int, Peer]]:
        """See `Carrier`."""
        places = self._in
        try:
            count = places.call(self._receive, self._sock.fileno(), 0, DRAIN_MAX)
        except OSError:
            # Nothing there, or an ICMP error of an earlier answer: nothing of ours is lost, and if
            # there is more to read, the loop calls again.
            return []
        found: list[tuple[bytes, str, int, Peer]] = []
        data, width = places.data, places.address_size
        addresses = places.addresses[: count * width].tobytes()
        at = 0
        for index, size in enumerate(places.moved[:count].tolist()):
            start = index * DATAGRAM_SIZE_MAX
            peer = addresses[at : at + width]
            at += width
            port = peer[2] << 8 | peer[3]
            found.append((data[start : start + size].tobytes(), self._source(peer), port, peer))
        return found

    def send(self, answers: list[tuple[bytes, Peer]]) -> None:
        """See `Carrier`."""
        for start in range(0, len(answers), DRAIN_MAX):
            self._send_some(answers[start : start + DRAIN_MAX])

    def _send_some(self, answers: list[tuple[bytes, Peer]]) -> None:
        places = self._out
        data, addresses, sizes, width = (
            places.data,
            places.addresses,
            places.sizes,
            places.address_size,
        )
        count = 0
        for response, peer in answers:
            start, size = count * DATAGRAM_SIZE_MAX, len(response)
            if size > DATAGRAM_SIZE_MAX:
                continue
            data[start : start + size] = response
            addresses[count * width : count * width + width] = peer
            sizes[count] = size
            count += 1
        at = 0
        while at < count:
            try:
                at += places.call(self._send, self._sock.fileno(), at, count - at)
            except OSError:
                at += 1  # Its peer may be gone or the buffer full; the others are tried.

    def _source(self, peer: bytes) -> str:
        """Return the text of the address in a `sockaddr_in` or `sockaddr_in6`, as Python does."""
        key = peer[4:8] if len(peer) == 16 else peer[8:]
        text = self._sources.get(key)
        if text is None:
            if len(self._sources) >= SOURCES_MAX:
                self._sources.clear()
            text = self._sources[key] = _address_text(key)
        return text


def _address_text(key: bytes) -> str:
    """Return the text of an IPv4 address, or of an IPv6 address and its scope."""
    if len(key) == 4:
        return socket.inet_ntop(socket.AF_INET, key)
    text = socket.inet_ntop(socket.AF_INET6, key[:16])
    scope = int.from_bytes(key[16:], sys.byteorder)
    if scope:
        numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        text = socket.getnameinfo((text, 0, 0, scope), numeric)[0]
    return text
