"""The group commit: told only when durable, refused when not, back by itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Event

import pytest

from serinus.base.errors import StorageError
from serinus.ledger import committer as module
from serinus.ledger.committer import GroupCommitter, network_of
from serinus.ledger.store import LedgerReader, LedgerWriter, NoiseKey
from serinus.model.touch import Touch, WrittenTouch, write_touch

SIZE_MAX = 64 * 1024 * 1024
WAIT_S = 20.0


def touch_of(name: str, body: str = "") -> Touch:
    return Touch(name, 1.0, "http", "tcp", "192.0.2.1", 1, (), {"body": body})


def names(path: Path) -> list[str]:
    return [touch.id for _, touch in LedgerReader(path).read(0, 1_000_000)]


@contextmanager
def running(
    path: Path, wake: Callable[[Callable[[], None]], object] = lambda call: call()
) -> Iterator[GroupCommitter]:
    committer = GroupCommitter(LedgerWriter(path, SIZE_MAX), wake)
    try:
        yield committer
    finally:
        committer.stop()


@contextmanager
def held(committer: GroupCommitter) -> Iterator[None]:
    """Keep the committer's thread inside a `done`, so that the queue only grows."""
    entered, leave = Event(), Event()

    def hold(_durable: bool) -> None:
        entered.set()
        leave.wait(WAIT_S)

    assert committer.submit(touch_of("held"), hold)
    assert entered.wait(WAIT_S)
    try:
        yield
    finally:
        leave.set()


def ignore(_durable: bool) -> None:
    """For touches whose outcome another assertion sees."""


def test_done_is_told_after_the_commit(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    there: Queue[tuple[bool, list[str]]] = Queue()
    with running(path) as committer:
        assert committer.submit(touch_of("a"), lambda durable: there.put((durable, names(path))))
        assert there.get(timeout=WAIT_S) == (True, ["a"])


def test_what_waits_is_one_group_told_in_order_with_one_wake(tmp_path: Path) -> None:
    wakes: list[int] = []
    told: list[int] = []

    def wake(call: Callable[[], None]) -> None:
        wakes.append(len(told))
        call()

    with running(tmp_path / "l.db", wake) as committer, held(committer):
        for n in range(50):
            assert committer.submit(touch_of(str(n)), lambda durable, n=n: told.append(n))  # type: ignore[misc]
    assert told == list(range(50))
    assert wakes == [0, 0]


def test_stop_commits_what_is_queued_and_accepts_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    told: list[bool] = []
    with running(path) as committer:
        for n in range(5000):
            assert committer.submit(touch_of(str(n)), told.append)
    assert told == [True] * 5000
    assert names(path) == [str(n) for n in range(5000)]
    assert not committer.submit(touch_of("late"), told.append)
    assert committer.refused == 1


def test_a_full_queue_refuses_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_MAX", 3)
    with running(tmp_path / "l.db") as committer, held(committer):
        taken = [committer.submit(touch_of(str(n)), ignore) for n in range(5)]
        assert taken == [True, True, True, False, False]
        assert committer.refused == 2
    assert names(tmp_path / "l.db") == ["held", "0", "1", "2"]


def test_large_evidence_fills_the_queue_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE_SIZE_MAX", 1000)
    with running(tmp_path / "l.db") as committer, held(committer):
        assert committer.submit(touch_of("a", "x" * 900), ignore)
        assert not committer.submit(touch_of("b", "x" * 900), ignore)
    assert names(tmp_path / "l.db") == ["held", "a"]


def test_a_disk_that_takes_nothing_is_refused_and_recovered_from(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    path.mkdir()
    told: Queue[bool] = Queue()
    recovered = Event()
    probe = LedgerWriter.probe

    class Writer(LedgerWriter):
        def probe(self) -> None:
            path.rmdir() if path.is_dir() else None
            probe(self)
            recovered.set()

    committer = GroupCommitter(Writer(path, SIZE_MAX))
    try:
        assert committer.submit(touch_of("a"), told.put)
        assert told.get(timeout=WAIT_S) is False
        assert recovered.wait(WAIT_S)
        while not committer.submit(touch_of("b"), told.put):
            assert committer._commit_thread.is_alive()
        assert told.get(timeout=WAIT_S) is True
    finally:
        committer.stop()
    assert names(path) == ["b"]
    assert committer.failed == 1


def test_nothing_is_accepted_while_the_disk_takes_nothing_and_stop_still_ends(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.db"
    path.mkdir()
    told: Queue[bool] = Queue()
    probed = Event()

    class Writer(LedgerWriter):
        def probe(self) -> None:
            probed.set()
            super().probe()

    committer = GroupCommitter(Writer(path, SIZE_MAX))
    assert committer.submit(touch_of("a"), told.put)
    assert told.get(timeout=WAIT_S) is False
    assert probed.wait(WAIT_S)
    assert not committer.accepting
    assert not committer.submit(touch_of("b"), told.put)
    committer.stop()
    assert not committer._commit_thread.is_alive()


def test_a_filled_ledger_takes_no_touch_of_any_size_until_the_largest_fits(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    told: Queue[bool] = Queue()
    committer = GroupCommitter(LedgerWriter(path, 1024 * 1024))
    large = touch_of("large")._replace(detail={"body": "\xff" * 100_000})
    try:
        while committer.submit(large, told.put) and told.get(timeout=WAIT_S):
            pass
        # Several probes of the filled file pass by meanwhile, and none of them succeeds.
        with pytest.raises(StorageError):
            LedgerWriter(path, 1024 * 1024).probe()
        assert not committer.ready
        assert not committer.submit(touch_of("small"), told.put)
        reader = LedgerReader(path)
        reader.prune(reader.newest())
        while not committer.submit(large, told.put):
            assert committer._commit_thread.is_alive()
        assert told.get(timeout=WAIT_S) is True
    finally:
        committer.stop()
    assert names(path) == ["large"]


def test_a_done_that_raises_harms_nobody_else(tmp_path: Path) -> None:
    told: list[bool] = []

    def fail(_durable: bool) -> None:
        raise RuntimeError("the client is gone")

    with running(tmp_path / "l.db") as committer, held(committer):
        assert committer.submit(touch_of("a"), fail)
        assert committer.submit(touch_of("b"), told.append)
    assert (told, committer.faults) == ([True], 1)


def test_a_touch_that_cannot_be_written_ends_no_thread(tmp_path: Path) -> None:
    told: Queue[bool] = Queue()
    with running(tmp_path / "l.db") as committer:
        assert committer.submit(touch_of("a")._replace(detail={"body": b"\xff"}), told.put)
        assert told.get(timeout=WAIT_S) is False
        assert committer.submit(touch_of("b"), told.put)
        assert told.get(timeout=WAIT_S) is True
    assert committer.faults == 1


def test_noise_is_counted_per_minute_and_network(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with running(path) as committer:
        for source in ("192.0.2.1", "192.0.2.200", "2001:db8:1:2::3", "2001:db8:1:9::3"):
            committer.count_noise("dns", source, 600.0)
        committer.count_noise("dns", "192.0.2.1", 660.0)
        committer.count_noise("http", "192.0.2.1", 660.0)
    assert LedgerReader(path).noise(0) == {
        NoiseKey(10, "192.0.2.0/24", "dns"): 2,
        NoiseKey(10, "2001:db8:1::/48", "dns"): 2,
        NoiseKey(11, "192.0.2.0/24", "dns"): 1,
        NoiseKey(11, "192.0.2.0/24", "http"): 1,
    }


def test_noise_from_too_many_networks_is_one_number(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with running(path) as committer:
        for n in range(1000):
            committer.count_noise("dns", f"10.{n // 256}.{n % 256}.1", 60.0)
    noise = LedgerReader(path).noise(0)
    assert len(noise) == module.NOISE_NETWORKS_MAX + 1
    assert noise[NoiseKey(1, "other", "dns")] == 1000 - module.NOISE_NETWORKS_MAX


def test_noise_is_flushed_while_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NOISE_FLUSH_S", 0.01)
    written = Event()

    class Writer(LedgerWriter):
        def count_noise(self, counts: object) -> None:
            super().count_noise(counts)  # type: ignore[arg-type]
            written.set()

    committer = GroupCommitter(Writer(tmp_path / "l.db", SIZE_MAX))
    committer.count_noise("dns", "192.0.2.1", 60.0)
    assert written.wait(WAIT_S)
    committer.stop()


def test_noise_that_no_disk_takes_stays_within_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOISE_KEYS_MAX", 4)
    path = tmp_path / "l.db"
    with running(path) as committer:
        for minute in range(10):
            committer.count_noise("dns", "192.0.2.1", 60.0 * minute)
        assert committer.noise_lost == 6
    assert sum(LedgerReader(path).noise(0).values()) == 4


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:abcd:12::1", "2001:db8:abcd::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("nonsense", "other"),
    ],
)
def test_an_address_belongs_to_its_network(source: str, network: str) -> None:
    assert network_of(source) == network


def test_another_process_may_hold_the_file_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    told: Queue[bool] = Queue()
    with running(path) as committer:
        assert committer.submit(touch_of("a"), told.put)
        assert told.get(timeout=WAIT_S) is True
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert committer.submit(touch_of("b"), told.put)
        other.execute("COMMIT")
        other.close()
        assert told.get(timeout=WAIT_S) is True


def test_touches_that_are_queued_together_are_kept_in_order_and_the_rest_is_returned(
    tmp_path: Path,
) -> None:
    path, told = tmp_path / "l.db", Queue[bool]()
    with running(path) as committer:
        with held(committer):
            lots = [((touch_of(str(number)),), told.put) for number in range(module.QUEUE_MAX + 3)]
            assert committer.submit_all(lots) == lots[-3:]
            assert committer.refused == 3 and not committer.ready
        assert all(told.get(timeout=WAIT_S) for _ in range(module.QUEUE_MAX))
        assert committer.ready
    assert names(path) == ["held", *(str(number) for number in range(module.QUEUE_MAX))]
    late = [((touch_of("late"),), told.put)]
    assert committer.submit_all(late) == late


def test_touches_of_one_lot_are_kept_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE_MAX", 5)
    path, told = tmp_path / "l.db", Queue[str]()
    lots = [
        ([touch_of(f"{name}{number}") for number in range(3)], partial(tell, told, name))
        for name in "ab"
    ]
    with running(path) as committer:
        with held(committer):
            assert committer.submit_all(lots) == lots[1:]
            assert committer.refused == 3
        assert told.get(timeout=WAIT_S) == "a True"
    assert told.empty()
    assert names(path) == ["held", "a0", "a1", "a2"]


def tell(told: Queue[str], name: str, durable: bool) -> None:
    told.put(f"{name} {durable}")


def test_a_touch_that_is_written_already_is_kept_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "l.db", Queue[bool]()
    written = WrittenTouch(write_touch(touch_of("a", "x" * 900)))
    monkeypatch.setattr(module, "QUEUE_SIZE_MAX", 2 * len(written) - 1)
    with running(path) as committer, held(committer):
        assert committer.submit_all([([written, touch_of("b")], told.put)]) == []
        assert committer.submit_all([([written], told.put)]) != []
    assert [touch for _, touch in LedgerReader(path).read(1, 9)] == [
        touch_of("a", "x" * 900),
        touch_of("b"),
    ]
