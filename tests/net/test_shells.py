"""The UDP and TCP shells, over loopback, with conversations made for the test."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import NamedTuple

from serinus.base.ids import TokenId
from serinus.base.settings import Listen
from serinus.model.touch import Touch
from serinus.net.tcp import bind_tcp, serve_tcp
from serinus.net.udp import bind_udp, serve_udp
from serinus.wire.conversation import Close, Command, Report, Send

TOUCH = Touch("e-1", 1.0, "dns", "udp", "127.0.0.1", 9, (TokenId("x"),), {})
ANY_PORT = 0


class Fate(NamedTuple):
    response: bytes | None
    touch: Touch | None


class Ledger:
    """Keeps touches only when told, so that a test sees what leaves before and after."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[bool], None]] = []

    def keep(self, touch: Touch, done: Callable[[bool], None]) -> None:
        self.waiting.append(done)

    def settle(self, kept: bool) -> None:
        for done in self.waiting:
            done(kept)
        self.waiting.clear()


class Reporter:
    """Reports, answers and closes at the first bytes."""

    def opened(self, now: float) -> Sequence[Command]:
        return ()

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Report(TOUCH), Send(b"answer to " + data), Close())

    def woken(self, now: float) -> Sequence[Command]:
        return ()

    def closed(self, now: float) -> Sequence[Command]:
        return ()


def listen() -> Listen:
    return Listen("127.0.0.1", ANY_PORT)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def test_a_datagram_without_a_touch_is_answered_at_once() -> None:
    async def play() -> bytes:
        loop = asyncio.get_running_loop()
        with bind_udp(listen()) as server, socket.socket(type=socket.SOCK_DGRAM) as client:
            serve_udp(loop, server, lambda d, *_: Fate(d + b"!", None), Ledger().keep)
            client.setblocking(False)
            client.connect(server.getsockname())
            client.send(b"q")
            async with asyncio.timeout(5):
                found = await loop.sock_recv(client, 99)
            loop.remove_reader(server.fileno())
            return found

    assert asyncio.run(play()) == b"q!"


def test_a_datagram_with_a_touch_is_answered_only_once_it_is_kept() -> None:
    async def play(kept: bool) -> bytes:
        loop = asyncio.get_running_loop()
        ledger = Ledger()
        with bind_udp(listen()) as server, socket.socket(type=socket.SOCK_DGRAM) as client:
            serve_udp(
                loop,
                server,
                lambda d, *_: Fate(d, None if d == b"noise" else TOUCH),
                ledger.keep,
            )
            client.setblocking(False)
            client.connect(server.getsockname())
            client.send(b"hit")
            await until(lambda: ledger.waiting)
            client.send(b"noise")
            async with asyncio.timeout(5):
                assert await loop.sock_recv(client, 99) == b"noise"
            ledger.settle(kept)
            client.send(b"noise")
            async with asyncio.timeout(5):
                found = await loop.sock_recv(client, 99)
            loop.remove_reader(server.fileno())
            return found

    assert asyncio.run(play(True)) == b"hit"
    assert asyncio.run(play(False)) == b"noise"


def test_a_stream_is_answered_only_once_its_touch_is_kept() -> None:
    async def play(kept: bool) -> bytes:
        ledger = Ledger()
        sock = bind_tcp(listen())
        server = await serve_tcp(sock, lambda _: Reporter(), ledger.keep)
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"q")
        await until(lambda: ledger.waiting)
        ledger.settle(kept)
        async with asyncio.timeout(5):
            found = await reader.read()
        writer.close()
        server.close()
        return found

    assert asyncio.run(play(True)) == b"answer to q"
    assert asyncio.run(play(False)) == b""


def test_a_peer_that_half_closes_still_gets_its_answer() -> None:
    async def play() -> bytes:
        ledger = Ledger()
        sock = bind_tcp(listen())
        server = await serve_tcp(sock, lambda _: Reporter(), ledger.keep)
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"q")
        writer.write_eof()
        await until(lambda: ledger.waiting)
        ledger.settle(True)
        async with asyncio.timeout(5):
            found = await reader.read()
        writer.close()
        server.close()
        return found

    assert asyncio.run(play()) == b"answer to q"
