import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from serinus.base.ids import TokenId
from serinus.base.untrusted import readable
from serinus.console.actions import minting
from serinus.console.actions.minting import MintRequest
from serinus.console.actions.preferences import Preferences
from serinus.console.models import Alert, Incident, IncidentTouch, LedgerCursor, Token
from serinus.console.worker import reading
from serinus.console.worker.reading import PRUNE_STEP, Recorder
from serinus.ledger.store import LedgerReader, LedgerWriter, NoiseKey
from serinus.model.touch import Touch

SIZE = 64 * 1024 * 1024
DAY = timedelta(days=1)


class Desk:
    """A ledger, whoever writes it and whoever reads it."""

    def __init__(self, path: Path) -> None:
        self.writer = LedgerWriter(path, SIZE)
        self.reader = LedgerReader(path)
        self.recorder = Recorder(self.reader, lambda touch: {"labels": ["test"]})

    def record(self, now: datetime) -> int:
        """Record everything there is, and count the touches."""
        count = 0
        while (recorded := self.recorder.record(Preferences(), now)) is not None:
            count += recorded.touches
        return count

    def close(self) -> None:
        self.writer.close()
        self.reader.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "ledger.db")
    yield made
    made.close()


@pytest.fixture
def token(now: datetime) -> Token:
    return minting.mint(MintRequest("web", "the wiki"), None, now)


def touch(name: str, at: datetime, *tokens: Token, source: str = "192.0.2.1") -> Touch:
    ids = tuple(TokenId(token.token_id) for token in tokens)
    detail = {"method": "GET", "target": "/x", "headers": []}
    return Touch(name, at.timestamp(), "http", "tcp", source, 4711, ids, detail)


def test_what_is_in_the_ledger_is_recorded_once(desk: Desk, token: Token, now: datetime) -> None:
    assert desk.record(now) == 0
    desk.writer.append([touch("a", now, token), touch("b", now, token)])
    assert desk.record(now) == 2
    assert desk.record(now) == 0
    desk.writer.append([touch("c", now, token)])
    assert desk.record(now) == 1
    incident = Incident.objects.get()
    assert incident.touches == 3 and incident.source_facts == {"labels": ["test"]}
    assert incident.headline == "GET for /x without a User-Agent"


def test_another_worker_goes_on_where_the_first_one_was(
    desk: Desk, token: Token, now: datetime
) -> None:
    desk.writer.append([touch("a", now, token)])
    desk.record(now)
    desk.writer.append([touch("b", now, token)])
    desk.recorder = Recorder(desk.reader, lambda touch: {})
    assert desk.record(now) == 1
    assert IncidentTouch.objects.count() == 2


def test_a_new_ledger_in_the_old_ones_place_is_read_from_its_beginning(
    desk: Desk, token: Token, now: datetime, tmp_path: Path
) -> None:
    desk.writer.append([touch(name, now, token) for name in "abc"])
    desk.record(now)
    other = Desk(tmp_path / "other.db")
    other.writer.append([touch("d", now, token)])
    assert other.record(now) == 1
    other.writer.append([touch("e", now, token)])
    assert other.record(now) == 1
    other.close()
    assert IncidentTouch.objects.count() == 5
    alarm = Incident.objects.get(kind="alarm")
    assert alarm.place == "alarm ledger replaced" and alarm.touches == 1


def test_an_older_copy_that_grew_past_the_cursor_is_noticed(
    desk: Desk, token: Token, now: datetime, tmp_path: Path
) -> None:
    desk.writer.append([touch(name, now, token) for name in "abc"])
    desk.record(now)
    restored = Desk(tmp_path / "restored.db")
    restored.writer.append([touch(name, now, token) for name in "abXYZ"])
    assert restored.record(now) == 3
    restored.close()
    assert set(IncidentTouch.objects.values_list("touch_id", flat=True)) == set("abcXYZ")
    assert Incident.objects.filter(kind="alarm").count() == 1


@pytest.mark.parametrize("count", [1, 5])
def test_a_touch_that_cannot_be_stored_as_it_is_is_an_incident_all_the_same(
    desk: Desk, token: Token, now: datetime, count: int, caplog: pytest.LogCaptureFixture
) -> None:
    bad = touch("bad", now, token, source="\ud800" * 100)
    rows = [touch(f"x{n}", now, token) for n in range(count)]
    desk.writer.append([*rows, bad, touch("last", now, token)])
    with caplog.at_level(logging.ERROR):
        assert desk.record(now) == count + 2
    assert "cannot be recorded as it is" in caplog.text
    kept = IncidentTouch.objects.get(touch_id="bad")
    assert "could not be read" in kept.incident.headline
    assert kept.evidence["detail"]["target"] == "/x"
    assert kept.source.startswith("\\ud800") and len(kept.source) <= 64
    assert Incident.objects.get(source="192.0.2.1").touches == count + 1
    assert LedgerCursor.objects.get().seq == count + 2


DAMAGED = (
    b"",
    b"[",
    b"{}",
    b'["x\xff"',
    b"[" * 10_000,
    b'["x",0.0,"http","tcp","192.0.2.1",1,["t"],{"head":7}]',
    b'["x",0.0,"http","tcp","192.0.2.1",1,7,{}]',
    b'[5,0.0,"http","tcp","192.0.2.1",1,["t"],{}]',
    b'["x","0","http","tcp","192.0.2.1",1,["t"],{}]',
)


@pytest.mark.parametrize("body", DAMAGED, ids=range(len(DAMAGED)))
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_damaged_row_of_the_ledger_is_told_once_and_passed_over(
    desk: Desk, token: Token, now: datetime, tmp_path: Path, body: bytes, number: int
) -> None:
    desk.writer.append([touch(name, now, token) for name in ("a", "b", "c")])
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE touch SET body = CAST(? AS TEXT) WHERE seq = ?", (body, number))
    assert desk.record(now) == 2
    alarm = Incident.objects.get(kind="alarm")
    assert f"A ledger row could not be read: number {number}. " in alarm.headline
    assert readable(body[:20]) in alarm.headline
    assert Alert.objects.get(incident=alarm).body["facts"] == [[f"Row {number}", readable(body)]]
    # Another worker goes on behind it, and it is not told again.
    desk.recorder.forget()
    assert desk.record(now) == 0
    desk.writer.append([touch("d", now, token)])
    assert desk.record(now) == 1
    assert Incident.objects.get(kind="alarm").touches == 1
    assert sorted(IncidentTouch.objects.values_list("touch_id", flat=True)) == sorted(
        {"a", "b", "c", "d"} - {"abc"[number - 1]}
    )


def test_a_row_that_is_damaged_once_it_is_recorded_does_not_begin_the_ledger_anew(
    desk: Desk, token: Token, now: datetime, tmp_path: Path
) -> None:
    desk.writer.append([touch("a", now, token)])
    assert desk.record(now) == 1
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE touch SET body = 'x'")
    desk.writer.append([touch("b", now, token)])
    assert desk.record(now) == 1
    assert not Incident.objects.filter(kind="alarm").exists()
    assert not desk.recorder.prune(DAY, SIZE, now + DAY)


def test_a_token_that_cannot_be_read_still_fires(desk: Desk, token: Token, now: datetime) -> None:
    Token.objects.update(options={"surface": "no such surface"})
    desk.writer.append([touch("a", now, token)])
    assert desk.record(now) == 1
    assert "could not be read" in Incident.objects.get().headline


def test_the_file_of_a_token_is_not_loaded_for_a_touch(desk: Desk, now: datetime) -> None:
    options = {"surface": "file", "body": b"x" * 100_000, "file_name": "plan.pdf"}
    token = minting.mint(MintRequest("web", "a file", options), None, now)
    desk.writer.append([touch("a", now, token)])
    with CaptureQueriesContext(connection) as queries:
        assert desk.record(now) == 1
    assert not any("console_tokenfile" in query["sql"] for query in queries)
    assert "could not be read" not in Incident.objects.get().headline


def test_only_what_is_recorded_and_old_is_pruned(desk: Desk, token: Token, now: datetime) -> None:
    old, count = now - 40 * DAY, 100
    desk.writer.append([touch(f"o{n}", old, token) for n in range(count)])
    desk.writer.append([touch("young", now, token)])
    assert not desk.recorder.prune(30 * DAY, SIZE, now) and len(desk.reader.read(0, 500)) == 101
    desk.record(now)
    desk.writer.append([touch("unread", old, token)])
    assert not desk.recorder.prune(30 * DAY, SIZE, now)
    assert [found.id for _, found in desk.reader.read(0, 500)] == ["young", "unread"]
    assert desk.record(now) == 1


def test_a_ledger_that_fills_up_gives_what_is_recorded_and_keeps_its_place(
    desk: Desk, token: Token, now: datetime
) -> None:
    count = PRUNE_STEP + 10
    rows = [touch(f"x{n}", now, source=f"{n}") for n in range(count)]
    desk.writer.append(rows)
    desk.record(now)
    assert not desk.recorder.prune(30 * DAY, SIZE, now)
    assert len(desk.reader.read(0, count)) == count
    assert desk.recorder.prune(30 * DAY, 1, now)
    assert not desk.recorder.prune(30 * DAY, 1, now)
    assert [found.id for _, found in desk.reader.read(0, count)] == [f"x{count - 1}"]
    desk.writer.append([touch("next", now, token)])
    assert desk.record(now) == 1
    assert not Incident.objects.filter(kind="alarm").exists()


def test_old_counts_of_noise_are_pruned(desk: Desk, now: datetime) -> None:
    minute = int(now.timestamp()) // 60
    old = minute - int(reading.NOISE_KEPT.total_seconds()) // 60 - 1
    desk.writer.count_noise({NoiseKey(old, "other", "dns"): 1, NoiseKey(minute, "other", "dns"): 2})
    desk.recorder.prune_noise(now)
    assert desk.reader.noise(0) == {NoiseKey(minute, "other", "dns"): 2}
