"""The watch and its listeners; the stream over a real server is in tests/programs."""

import asyncio
from collections.abc import Callable

import pytest
from django.db import DatabaseError

from serinus.console.pages import live
from serinus.console.pages.live import Changes

PATIENCE_S = 20


class Counter:
    """A change counter that a test moves; it counts how often it was read."""

    def __init__(self) -> None:
        self.value = 0
        self.reads = 0
        self.fault: Exception | None = None

    def __call__(self) -> int:
        self.reads += 1
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return self.value


async def next_number(follow: "object") -> int:
    """Return the next number of a stream, past what only keeps it alive."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await anext(follow)  # type: ignore[call-overload]
            if found is not None:
                return int(found)


def played(play: Callable[[Changes, Counter], object]) -> None:
    """Run a play against a running watch."""

    async def run() -> None:
        counter = Counter()
        changes = Changes(counter)
        watch = asyncio.create_task(changes.watch())
        try:
            await play(changes, counter)  # type: ignore[misc]
        finally:
            changes.stop()
            async with asyncio.timeout(PATIENCE_S):
                await watch

    asyncio.run(run())


def test_every_listener_hears_of_a_change() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        counter.value = 5
        first, second = changes.follow(0), changes.follow(4)
        assert {await next_number(first), await next_number(second)} == {5}
        counter.value = 6
        assert {await next_number(first), await next_number(second)} == {6}

    played(play)


def test_one_read_serves_all_listeners() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        counter.value = 1
        follows = [changes.follow(0) for _ in range(50)]
        assert await asyncio.gather(*map(next_number, follows)) == [1] * 50
        assert counter.reads < 10

    played(play)


def test_nobody_listening_means_no_reads() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        counter.value = 1
        follow = changes.follow(0)
        await next_number(follow)
        await follow.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(2 * live.POLL_S)
        reads = counter.reads
        await asyncio.sleep(3 * live.POLL_S)
        assert counter.reads == reads

    played(play)


def test_a_fault_of_the_database_is_outlived() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        counter.fault, counter.value = DatabaseError("locked"), 3
        assert await next_number(changes.follow(0)) == 3

    played(play)


def test_listeners_are_bounded_and_leave_room_when_they_go() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        follows = [changes.follow(0) for _ in range(live.LISTENERS_MAX)]
        for follow in follows:
            await anext(follow)
        assert changes.is_full
        await follows[0].aclose()  # type: ignore[attr-defined]
        assert not changes.is_full

    played(play)


def test_stopping_ends_every_stream() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        follow = changes.follow(0)
        await anext(follow)
        waiting = asyncio.ensure_future(_drain(follow))
        changes.stop()
        async with asyncio.timeout(PATIENCE_S):
            await waiting
        assert changes.is_full

    async def _drain(follow: object) -> None:
        async for _ in follow:  # type: ignore[attr-defined]
            pass

    played(play)


def test_listeners_that_come_all_at_once_are_bounded_too() -> None:
    async def play(changes: Changes, counter: Counter) -> None:
        follows = [changes.follow(0) for _ in range(live.LISTENERS_MAX + 1)]
        for follow in follows[:-1]:
            await anext(follow)
        with pytest.raises(StopAsyncIteration):
            await anext(follows[-1])

    played(play)
