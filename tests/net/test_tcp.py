"""Peers that do not read their answers are bounded like those that say nothing."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from serinus.base.settings import Listen
from serinus.model.touch import Evidence
from serinus.net.tcp import bind_tcp, serve_tcp
from serinus.wire.conversation import Command, Send

LARGE = 6_000_000
"""Bytes that no pair of loopback sockets holds."""
MOST = 8


class Ledger:
    ready = True

    def keep(self, touches: Sequence[Evidence], done: Callable[[bool], None]) -> None:
        done(True)

    def count_noise(self, source: str, count: int) -> None:
        """Noise is not looked at here."""


class Answerer:
    """Answers at length and stays."""

    def opened(self, now: float) -> Sequence[Command]:
        return ()

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Send(b"x" * LARGE),)

    def woken(self, now: float) -> Sequence[Command]:
        return ()

    def closed(self, now: float) -> Sequence[Command]:
        return ()


def test_peers_that_never_read_make_room_like_all_others() -> None:
    async def play() -> int:
        sock = bind_tcp(Listen("127.0.0.1", 0))
        address = sock.getsockname()
        server = serve_tcp(sock, lambda *_: Answerer(), Ledger(), MOST)
        loop = asyncio.get_running_loop()
        most = 0
        with ExitStack() as peers:
            for _ in range(2 * MOST):
                peer = peers.enter_context(socket.socket())
                peer.setblocking(False)
                await loop.sock_connect(peer, address)
                await loop.sock_sendall(peer, b"q")
                # Its first bytes say that its answer has begun; it reads no more.
                await loop.sock_recv(peer, 1)
                most = max(most, len(server.shells))
            server.close()
        return most

    assert asyncio.run(play()) <= MOST + 1
