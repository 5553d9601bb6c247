"""The UDP and TCP shells, over loopback, with conversations made for the test."""

import asyncio
import socket
from collections.abc import Callable, Sequence

import pytest

from serinus.base.ids import TokenId
from serinus.base.settings import Listen
from serinus.model.touch import Evidence, Touch
from serinus.net.tcp import bind_tcp, serve_tcp
from serinus.net.udp import bind_udp, serve_udp
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake

TOUCH = Touch("e-1", 1.0, "dns", "udp", "127.0.0.1", 9, (TokenId("x"),), {})
ANY_PORT = 0


class Ledger:
    """Keeps touches only when told, so that a test sees what leaves before and after."""

    def __init__(self) -> None:
        self.ready = True
        self.waiting: list[Callable[[bool], None]] = []
        self.noise: dict[str, int] = {}

    def keep(self, touches: Sequence[Evidence], done: Callable[[bool], None]) -> None:
        self.waiting.append(done)

    def count_noise(self, source: str, count: int) -> None:
        self.noise[source] = self.noise.get(source, 0) + count

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


LARGE = 5_000_000


class Quiet:
    """Does nothing; the others below differ from it in one point each."""

    def opened(self, now: float) -> Sequence[Command]:
        return ()

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return ()

    def woken(self, now: float) -> Sequence[Command]:
        return ()

    def closed(self, now: float) -> Sequence[Command]:
        return ()


class Echo(Quiet):
    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Noise("127.0.0.1"), Send(data))


class Refuser(Quiet):
    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Send(b"no"), Close(unread=True))


class Unfinished(Quiet):
    def closed(self, now: float) -> Sequence[Command]:
        return (Report(TOUCH),)


class Large(Quiet):
    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Send(b"x" * LARGE), Close())


class Sleeper(Quiet):
    def received(self, data: bytes, now: float) -> Sequence[Command]:
        return (Wake(now + 0.05),)

    def woken(self, now: float) -> Sequence[Command]:
        return (Send(b"awake"), Close())


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
            serve_udp(loop, server, lambda d, *_: (d + b"!", None), Ledger())
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
                lambda d, *_: (d, None if d == b"noise" else TOUCH),
                ledger,
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


def test_a_datagram_that_shows_a_mistake_takes_no_other_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handle(datagram: bytes, *_: object) -> tuple[bytes, Touch | None]:
        if datagram == b"bad":
            raise SystemError("ours")
        return datagram, TOUCH if datagram == b"hit" else None

    async def play() -> list[bytes]:
        loop = asyncio.get_running_loop()
        ledger = Ledger()
        with bind_udp(listen()) as server, socket.socket(type=socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect(server.getsockname())
            for datagram in (b"bad", b"hit", b"bad", b"noise"):
                client.send(datagram)
            serve_udp(loop, server, handle, ledger)
            async with asyncio.timeout(5):
                found = [await loop.sock_recv(client, 99)]
                ledger.settle(True)
                found.append(await loop.sock_recv(client, 99))
            loop.remove_reader(server.fileno())
            return found

    assert asyncio.run(play()) == [b"noise", b"hit"]
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_a_stream_is_answered_only_once_its_touch_is_kept() -> None:
    async def play(kept: bool) -> bytes:
        ledger = Ledger()
        sock = bind_tcp(listen())
        server = serve_tcp(sock, lambda *_: Reporter(), ledger)
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
        server = serve_tcp(sock, lambda *_: Reporter(), ledger)
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


def test_while_the_ledger_takes_nothing_nobody_is_answered() -> None:
    async def play() -> tuple[bytes, bytes, dict[str, int]]:
        loop = asyncio.get_running_loop()
        ledger = Ledger()
        with bind_udp(listen()) as udp, socket.socket(type=socket.SOCK_DGRAM) as asker:
            serve_udp(loop, udp, lambda d, *_: (d, None), ledger)
            sock = bind_tcp(listen())
            server = serve_tcp(sock, lambda *_: Echo(), ledger)
            address = sock.getsockname()
            early_reader, early = await asyncio.open_connection(*address)
            early.write(b"a")
            async with asyncio.timeout(5):
                assert await early_reader.read(9) == b"a"
            ledger.ready = False
            early.write(b"b")
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"c")
            async with asyncio.timeout(5):
                left = await early_reader.read()
                try:
                    found = await reader.read()
                except ConnectionResetError:
                    found = b""
            asker.connect(udp.getsockname())
            asker.send(b"d")
            await until(lambda: ledger.noise.get("127.0.0.1") == 2)
            ledger.ready = True
            asker.setblocking(False)
            asker.send(b"e")
            async with asyncio.timeout(5):
                assert await loop.sock_recv(asker, 9) == b"e"
            loop.remove_reader(udp)
            early.close()
            writer.close()
            server.close()
            return left, found, ledger.noise

    left, found, noise = asyncio.run(play())
    assert (left, found) == (b"", b"")
    assert noise == {"127.0.0.1": 3}


def test_a_peer_that_still_sends_when_it_is_refused_gets_its_answer() -> None:
    async def play() -> tuple[bytes, int]:
        sock = bind_tcp(listen())
        server = serve_tcp(sock, lambda *_: Refuser(), Ledger())
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"x" * 2_000_000)
        async with asyncio.timeout(5):
            await writer.drain()
            found = await reader.read()
            writer.write(b"y" * 1000)
            writer.close()
            await until(lambda: not server.shells)
        server.close()
        return found, len(server.shells)

    assert asyncio.run(play()) == (b"no", 0)


def test_the_longest_connected_peer_makes_room_and_its_evidence_is_kept() -> None:
    async def play() -> tuple[bytes, int]:
        ledger = Ledger()
        sock = bind_tcp(listen())
        server = serve_tcp(sock, lambda *_: Unfinished(), ledger, connections_max=2)
        peers = []
        for _ in range(3):
            peers.append(await asyncio.open_connection(*sock.getsockname()))
            peers[-1][1].write(b"x")
            await until(lambda: len(server.shells) == len(peers))
        await until(lambda: ledger.waiting)
        ledger.settle(True)
        async with asyncio.timeout(5):
            found = await peers[0][0].read()
        count = len(server.waited)
        for _, writer in peers:
            writer.close()
        server.close()
        ledger.settle(True)
        return found, count

    assert asyncio.run(play()) == (b"", 2)


def test_a_peer_that_reads_slowly_gets_all_of_a_large_answer() -> None:
    async def play() -> int:
        sock = bind_tcp(listen())
        server = serve_tcp(sock, lambda *_: Large(), Ledger())
        reader, writer = await asyncio.open_connection(*sock.getsockname(), limit=4096)
        writer.write(b"q")
        await until(lambda: server.unsent)
        size = 0
        async with asyncio.timeout(10):
            while piece := await reader.read(65536):
                size += len(piece)
        assert server.unsent == 0
        writer.close()
        server.close()
        return size

    assert asyncio.run(play()) == LARGE


def test_a_conversation_is_woken_when_it_asked_for_it() -> None:
    async def play() -> bytes:
        sock = bind_tcp(listen())
        server = serve_tcp(sock, lambda *_: Sleeper(), Ledger())
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"q")
        async with asyncio.timeout(5):
            found = await reader.read()
        writer.close()
        server.close()
        return found

    assert asyncio.run(play()) == b"awake"
