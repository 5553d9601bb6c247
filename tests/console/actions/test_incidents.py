import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from serinus.base.ids import TokenId
from serinus.console.actions import incidents, tokens
from serinus.console.actions.days import days_from
from serinus.console.actions.incidents import record_touches, write_digests
from serinus.console.actions.minting import change_token
from serinus.console.models import (
    Alert,
    Delivery,
    Destination,
    Incident,
    IncidentTouch,
    LedgerCursor,
    Token,
    User,
)
from serinus.model.touch import Channel, Touch


@dataclass(frozen=True)
class Read:
    summary: str
    facts: Sequence[tuple[str, str]] = ()


def interpret(touch: Touch, token: Token) -> Read | None:
    if touch.detail.get("noise"):
        return None
    return Read(f"{touch.channel} touch of {token.memo}", (("port", str(touch.source_port)),))


def touch(
    name: str,
    at: datetime,
    source: str = "192.0.2.1",
    channel: Channel = "http",
    ids: tuple[str, ...] = ("t0",),
    **detail: Any,
) -> Touch:
    found = tuple(TokenId(i) for i in ids)
    return Touch(name, at.timestamp(), channel, "tcp", source, 4711, found, detail)


def mint(count: int, now: datetime) -> list[Token]:
    new = [tokens.NewToken(TokenId(f"t{i}"), "web", f"memo {i}") for i in range(count)]
    return tokens.mint_tokens(new, None, now)


def after(now: datetime, **span: float) -> datetime:
    return now + timedelta(**span)


def test_the_same_rows_again_change_nothing(now: datetime) -> None:
    Destination.objects.create(kind="webhook", name="one")
    mint(3, now)
    rows = [(i + 1, touch(f"x{i}", now, ids=(f"t{i}",))) for i in range(3)]
    first = record_touches(rows, interpret, now)
    again = record_touches(rows, interpret, now)
    assert (first.touches, len(first.opened), first.seq) == (3, 3, 3)
    assert (again.touches, again.opened, again.joined, again.seq) == (0, (), (), 3)
    assert IncidentTouch.objects.count() == Alert.objects.count() == Delivery.objects.count() == 3
    assert [t.touches for t in Token.objects.all()] == [1, 1, 1]


def test_a_crash_before_the_commit_leaves_nothing_behind(now: datetime) -> None:
    mint(1, now)
    rows = [(1, touch("x", now))]
    with pytest.raises(RuntimeError), transaction.atomic():
        record_touches(rows, interpret, now)
        raise RuntimeError
    assert not Incident.objects.exists() and not LedgerCursor.objects.exists()
    assert record_touches(rows, interpret, now).touches == 1


def test_chatter_is_one_incident_and_one_alert(now: datetime) -> None:
    Destination.objects.create(kind="webhook", name="one")
    mint(1, now)
    chatter = [
        touch("a", now, "198.51.100.53", "dns"),
        touch("aaaa", now, "198.51.100.53", "dns"),
        touch("options", after(now, seconds=1)),
        touch("get", after(now, seconds=2)),
        touch("retry", after(now, seconds=9)),
    ]
    for seq, one in enumerate(chatter, 1):
        record_touches([(seq, one)], interpret, now)
    incident = Incident.objects.get()
    assert (incident.touches, incident.told_touches) == (5, 5)
    assert (incident.source, incident.resolver) == ("192.0.2.1", "198.51.100.53")
    assert incident.headline == "http touch of memo 0"
    assert write_digests(after(now, hours=1)) == 0
    assert Alert.objects.get().reason == "opened" and Delivery.objects.count() == 1


def test_one_batch_and_many_batches_come_to_the_same(now: datetime) -> None:
    mint(2, now)
    rows = [
        (1, touch("1", now, "198.51.100.53", "dns")),
        (2, touch("2", after(now, seconds=2), "192.0.2.9", ids=("t0", "t1"))),
        (3, touch("3", after(now, seconds=4), "192.0.2.7")),
        (4, touch("4", after(now, minutes=40), "192.0.2.9")),
    ]
    record_touches(rows, interpret, now)
    together = sorted(Incident.objects.values_list("token", "source", "touches"))
    IncidentTouch.objects.all().delete()
    Incident.objects.all().delete()
    for row in rows:
        record_touches([row], interpret, now)
    assert sorted(Incident.objects.values_list("token", "source", "touches")) == together
    assert len(together) == 4


def test_two_sources_are_two_incidents(now: datetime) -> None:
    mint(1, now)
    record_touches([(1, touch("x", now, "a")), (2, touch("y", now, "b"))], interpret, now)
    assert set(Incident.objects.values_list("source", flat=True)) == {"a", "b"}


def test_after_the_window_it_is_a_new_incident(now: datetime) -> None:
    mint(1, now)
    record_touches([(1, touch("x", now))], interpret, now)
    record_touches([(2, touch("y", after(now, minutes=15)))], interpret, now)
    record_touches([(3, touch("z", after(now, minutes=31)))], interpret, now)
    assert [i.touches for i in Incident.objects.order_by("pk")] == [2, 1]


def test_an_incident_goes_on_over_midnight_and_is_found_under_its_new_day() -> None:
    mint(1, midnight := datetime(2026, 3, 2, tzinfo=UTC))
    for number, minutes in enumerate((-5, 5, 15)):
        at = after(midnight, minutes=minutes)
        record_touches([(number, touch(f"x{number}", at))], interpret, at)
    row = Incident.objects.get()
    assert (row.touches, row.day) == (3, (midnight - datetime(1970, 1, 1, tzinfo=UTC)).days)


def test_later_touches_are_told_once_in_a_digest(now: datetime) -> None:
    Destination.objects.create(kind="webhook", name="one")
    mint(1, now)
    record_touches([(1, touch("x", now))], interpret, now)
    later = [(n, touch(f"x{n}", after(now, minutes=n))) for n in range(2, 12)]
    record_touches(later, interpret, now)
    assert write_digests(after(now, minutes=16)) == 0
    assert write_digests(after(now, minutes=17)) == 1
    assert write_digests(after(now, minutes=18)) == 0
    digest = Alert.objects.get(reason="digest")
    told = "10 more touches from 2026-03-01 03:02:00 to 03:11:00 UTC"
    assert (digest.number, digest.body["summary"]) == (11, told)
    assert Delivery.objects.count() == 2


def test_touches_without_a_live_token_move_the_cursor_only(now: datetime) -> None:
    rows = mint(2, now)
    tokens.set_enabled([rows[0].pk], False)
    tokens.delete_tokens([rows[1].pk], now)
    found = [(n + 1, touch(f"x{n}", now, ids=(i,))) for n, i in enumerate(("t0", "t1", "nobody"))]
    recorded = record_touches(found, interpret, now)
    assert (recorded.touches, recorded.seq) == (0, 3)
    assert not Incident.objects.exists() and LedgerCursor.objects.get().seq == 3


def test_what_the_kind_does_not_take_is_no_trip(now: datetime) -> None:
    mint(1, now)
    assert record_touches([(1, touch("x", now, noise=True))], interpret, now).touches == 0


def test_alerts_go_to_the_chosen_destinations_or_to_all_enabled(now: datetime) -> None:
    one, two = (Destination.objects.create(kind="webhook", name=n) for n in ("one", "two"))
    Destination.objects.create(kind="webhook", name="off", enabled=False)
    rows = mint(2, now)
    rows[0].destinations.add(two)
    record_touches([(1, touch("x", now, ids=("t0", "t1")))], interpret, now)
    found = Delivery.objects.select_related("alert__incident")
    pairs = {(d.alert.incident.token_id, d.destination_id) for d in found if d.alert.incident}
    assert pairs == {(rows[0].pk, two.pk), (rows[1].pk, one.pk), (rows[1].pk, two.pk)}


def test_evidence_and_facts_of_the_source_are_kept(now: datetime) -> None:
    mint(1, now)
    record_touches(
        [(1, touch("x", now, line="GET / HTTP/1.1"))],
        interpret,
        now,
        describe_source=lambda t: {"country": "CH"},
    )
    row = IncidentTouch.objects.get()
    assert row.evidence["detail"] == {"line": "GET / HTTP/1.1"} and row.facts == [["port", "4711"]]
    assert row.incident.source_facts == {"country": "CH"} and row.at == now


def test_people_acknowledge_close_reopen_and_note_and_each_change_has_a_number(
    now: datetime,
) -> None:
    who = User.objects.create(username="owner", role="owner")
    mint(1, now)
    (pk,) = record_touches([(1, touch("x", now))], interpret, now).opened
    numbers = [Incident.objects.get().changed]
    incidents.acknowledge(pk, who, now)
    numbers.append(Incident.objects.get().changed)
    incidents.close(pk, who, now)
    found = Incident.objects.get()
    assert (found.state, found.acknowledged_by, found.closed_by) == ("closed", who, who)
    incidents.reopen(pk, who, now)
    note = incidents.add_note(pk, who, now, "Asked the team.")
    incidents.add_source_facts(pk, "192.0.2.1", {"reverse": "host.example"})
    incidents.add_source_facts(pk, "192.0.2.2", {"reverse": "of.another.example"})
    found = Incident.objects.get()
    assert found.source_facts == {"reverse": "host.example"}
    numbers.append(found.changed)
    assert (found.state, found.closed_at, note.author) == ("acknowledged", None, who)
    assert numbers == sorted(set(numbers))
    with pytest.raises(Incident.DoesNotExist):
        incidents.close(pk + 1, who, now)


def test_200_touches_stay_while_the_tokens_settings_change(now: datetime) -> None:
    (token,) = mint(1, now)
    stop = threading.Event()
    failures: list[Exception] = []

    def record(worker: int) -> None:
        try:
            for n in range(50):
                name = f"{worker}-{n}"
                record_touches([(n + 1, touch(name, now))], interpret, now, edge=f"e{worker}")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    def change() -> None:
        try:
            while not stop.is_set():
                change_token(token, memo=f"memo {time.monotonic_ns()}")
                time.sleep(0.001)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=record, args=(n,)) for n in range(4)]
    changer = threading.Thread(target=change)
    for thread in (*workers, changer):
        thread.start()
    for thread in workers:
        thread.join(60)
    stop.set()
    changer.join(60)
    assert not failures
    assert IncidentTouch.objects.count() == 200
    assert Incident.objects.get().touches == Token.objects.get().touches == 200


def test_the_worker_finds_its_rows_by_index() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    recent = Incident.objects.order_by().filter(day__in=days_from(1), last_seen__gte=at)
    resolved = recent.filter(resolver_place__in=["1 a", "2 b"]).exclude(resolver_place="")
    for found, index in (
        (recent.filter(place__in=["1 a", "2 b"]), "day_place (day=? AND place=? AND last_seen>?)"),
        (resolved, "day_resolver (day=? AND resolver_place=? AND last_seen>?)"),
        (
            recent.filter(token_id__in=[1, 2])[:10],
            "day_token (day=? AND token_id=? AND last_seen>?)",
        ),
        (Incident.objects.filter(kind="alarm", place="alarm x"), "incident_kind (kind=?)"),
    ):
        plan = found.explain()
        assert index in plan and "SCAN console" not in plan, plan
    for query in (
        Incident.objects.filter(digest_at__lte=at).order_by("digest_at")[:10],
        Incident.objects.filter(changed__gt=5).order_by("changed")[:10],
        Delivery.objects.filter(destination_id=1, state="waiting", next_at__lte=at).order_by(
            "next_at"
        )[:10],
        IncidentTouch.objects.filter(touch_id__in=["a", "b"]),
    ):
        plan = query.explain()
        assert "SCAN" not in plan and "INDEX" in plan, plan
