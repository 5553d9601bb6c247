"""What is remembered of the answers snapshot, and for how long."""

import pytest

from serinus.base.errors import StorageError
from serinus.ledger import lookup as module
from serinus.ledger.lookup import REMEMBERED_MAX, REMEMBERED_S, REMEMBERED_SIZE_MAX, Lookup
from serinus.model.answer import BODY_SIZE_MAX, Answer


class Snapshot:
    """Counts how often it is read."""

    def __init__(self, size: int) -> None:
        self.answer: Answer | None = Answer(body=bytes(size))
        self.reads = 0
        self.broken = False

    def get(self, token: str) -> Answer | None:
        self.reads += 1
        if self.broken:
            raise StorageError("broken")
        return None if token == "none" else self.answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic_time", lambda: now[0])
    return now


@pytest.mark.parametrize("token", ["file", "none"])
def test_many_requests_for_one_token_read_its_answer_once(clock: list[float], token: str) -> None:
    snapshot = Snapshot(BODY_SIZE_MAX)
    look_up = Lookup(snapshot.get, None)
    found = [look_up(token) for _ in range(900)]
    assert snapshot.reads == 1
    assert all(answer is (None if token == "none" else snapshot.answer) for answer in found)


def test_a_changed_answer_counts_a_moment_later(clock: list[float]) -> None:
    snapshot = Snapshot(9)
    look_up = Lookup(snapshot.get, None)
    assert look_up("file") is snapshot.answer
    snapshot.answer = None
    clock[0] += REMEMBERED_S
    assert look_up("file") is None


def test_large_answers_are_remembered_within_a_bound(clock: list[float]) -> None:
    snapshot = Snapshot(BODY_SIZE_MAX)
    look_up = Lookup(snapshot.get, None)
    fit = REMEMBERED_SIZE_MAX // BODY_SIZE_MAX
    for number in range(fit + 1):
        look_up(str(number))
    look_up(str(fit))
    assert snapshot.reads == fit + 1
    look_up("0")
    assert snapshot.reads == fit + 2


def test_many_answers_are_remembered_within_a_bound(clock: list[float]) -> None:
    snapshot = Snapshot(0)
    look_up = Lookup(snapshot.get, None)
    for number in range(REMEMBERED_MAX + 1):
        look_up(str(number))
    look_up("0")
    assert snapshot.reads == REMEMBERED_MAX + 2


def test_while_the_snapshot_cannot_be_read_the_default_is_given(clock: list[float]) -> None:
    snapshot = Snapshot(9)
    look_up = Lookup(snapshot.get, None)
    snapshot.broken = True
    assert look_up("file") is None
    snapshot.broken = False
    clock[0] += REMEMBERED_S
    assert look_up("file") is snapshot.answer
