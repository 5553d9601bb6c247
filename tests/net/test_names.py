import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from serinus.net.names import THREADS, WAITING_MAX, ReverseNames

LIMIT_S = 10.0


class Resolver:
    """Answers when it is let, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.begun: Queue[str] = Queue()

    def __call__(self, address: str) -> str | None:
        self.asked.append(address)
        self.begun.put(address)
        self.go.wait(LIMIT_S)
        return {"192.0.2.1": "a\x1b.example.", "192.0.2.2": "192.0.2.2"}.get(address)


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.go.set()


def test_a_name_is_collected_by_whoever_asked_and_remembered(resolver: Resolver) -> None:
    found = threading.Semaphore(0)
    names = ReverseNames(found.release, resolver)
    assert names.look_up("192.0.2.1", 7) is None and names.look_up("192.0.2.1", 8) is None
    assert names.collect() == []
    resolver.go.set()
    assert found.acquire(timeout=LIMIT_S)
    shown = "a\\x1b.example"
    assert names.collect() == [(7, "192.0.2.1", shown), (8, "192.0.2.1", shown)]
    assert names.collect() == [] and names.look_up("192.0.2.1", 9) == shown
    assert resolver.asked == ["192.0.2.1"]


def test_that_there_is_none_is_remembered_too(resolver: Resolver) -> None:
    found = threading.Semaphore(0)
    names = ReverseNames(found.release, resolver)
    resolver.go.set()
    for address in ("192.0.2.2", "192.0.2.3"):
        names.look_up(address, 1)
        assert found.acquire(timeout=LIMIT_S)
        assert names.collect() == [] and names.look_up(address, 1) is None
    assert resolver.asked == ["192.0.2.2", "192.0.2.3"]


def test_a_resolver_that_hangs_holds_nobody_and_no_more_than_its_bounds(
    resolver: Resolver,
) -> None:
    names = ReverseNames(lambda: None, resolver)
    for number in range(THREADS):
        names.look_up(f"192.0.2.{100 + number}", 1)
        resolver.begun.get(timeout=LIMIT_S)
    for number in range(WAITING_MAX + 50):
        assert names.look_up(f"198.51.{number // 250}.{number % 250}", 1) is None
    assert len(resolver.asked) == THREADS
    assert len(names._asked) == THREADS + WAITING_MAX
