from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.base.ids import TokenId
from serinus.console.actions import incidents, tokens
from serinus.console.actions.finding import (
    IncidentSearch,
    describe_incident,
    describe_touch_row,
    earlier_doings,
    find_incidents,
    find_touches,
    last_change,
)
from serinus.console.actions.recording import record_touches
from serinus.console.models import Incident, IncidentTouch, User
from serinus.console.models.incidents import State
from serinus.model.touch import Touch
from serinus.tokens.kind import Trip


def record(
    now: datetime,
    source: str = "192.0.2.1",
    where: str = "t0",
    name: str = "x",
    headline: str = "GET for /a/logo.gif with curl/8",
) -> Incident:
    touch = Touch(name, now.timestamp(), "http", "tcp", source, 1, (TokenId(where),), {"line": "x"})
    found = record_touches([(1, touch)], lambda t, row: Trip(headline, (("a", "b"),)), now)
    return Incident.objects.get(pk=(found.opened + found.joined)[0])


@pytest.fixture
def three(now: datetime) -> list[Incident]:
    new = [tokens.NewToken(TokenId(f"t{n}"), k, f"Zürich share {n}") for n, k in enumerate("abc")]
    tokens.mint_tokens(new, None, now)
    return [record(now, f"192.0.2.{10 * n + 1}", f"t{n}", f"x{n}") for n in range(3)]


def test_words_are_found_by_their_beginnings_and_addresses_as_a_whole(
    three: list[Incident],
) -> None:
    one, two, three_ = three
    for text, expected in (
        ("", [three_, two, one]),
        ("zur", [three_, two, one]),
        ("SHARE two", []),
        ("192.0.2.11", [two]),
        ("2.11", [two]),
        ("logo.gif curl/8", [three_, two, one]),
        ("ogo.gif", []),
        ("- . _", []),
        ('share" OR "x', []),
        ("NEAR(share x)", []),
        ("memo:share", []),
        ("share*", [three_, two, one]),
    ):
        assert find_incidents(IncidentSearch(text)) == expected, text


def test_filters_hold_with_and_without_words(three: list[Incident], now: datetime) -> None:
    one, two, last = three
    incidents.close(two.pk, None, now)
    for text in ("", "share"):
        for search, expected in (
            (IncidentSearch(text, state=State.CLOSED), [two]),
            (IncidentSearch(text, state=State.NEW), [last, one]),
            (IncidentSearch(text, kind="b"), [two]),
            (IncidentSearch(text, token_id="T2"), [last]),
            (IncidentSearch(text, token_id="none"), []),
            (IncidentSearch(text, source="192.0.2.1"), [one]),
            (IncidentSearch(text, changed_after=one.changed), [last, two]),
            (IncidentSearch(text, changed_after=2**70), []),
        ):
            assert find_incidents(search) == expected, search
        assert find_incidents(IncidentSearch(text), cursor=last.pk, count=1) == [two]
        assert find_incidents(IncidentSearch(text), cursor=2**70, count=0) == []
        feed = IncidentSearch(text, changed_after=0)
        assert find_incidents(feed, cursor=last.changed) == [two]


def test_what_the_worker_and_people_change_is_found_under_its_new_words_only(
    three: list[Incident], now: datetime
) -> None:
    record(now + timedelta(seconds=1), "198.51.100.9", "t0", "dns")
    joined = three[0]
    touch = Touch("d", now.timestamp(), "dns", "udp", "203.0.113.5", 1, (TokenId("t0"),), {})
    record_touches([(2, touch)], lambda t, row: Trip("A lookup", ()), now)
    Incident.objects.filter(pk=joined.pk).update(source="203.0.113.77", headline="other words")
    assert find_incidents(IncidentSearch("203.0.113.77")) == [joined]
    assert joined not in find_incidents(IncidentSearch("192.0.2.1"))
    assert find_incidents(IncidentSearch("other wor")) == [joined]
    IncidentTouch.objects.filter(incident=joined).delete()
    Incident.objects.get(pk=joined.pk).delete()
    assert find_incidents(IncidentSearch("other wor")) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO console_incident_search(console_incident_search, rank)"
            " VALUES ('integrity-check', 1)"
        )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_lawful_search(text: str) -> None:
    assert find_incidents(IncidentSearch(text)) == []


def test_touches_are_read_oldest_first_in_pages(three: list[Incident], now: datetime) -> None:
    for number in range(4):
        record(now + timedelta(seconds=number), "192.0.2.1", "t0", f"y{number}")
    found = find_touches(three[0].pk, count=3)
    assert [row.touch_id for row in found] == ["x0", "y0", "y1"]
    assert [row.touch_id for row in find_touches(three[0].pk, found[-1].pk)] == ["y2", "y3"]
    shown = describe_touch_row(found[0])
    assert shown["facts"] == [["a", "b"]] and shown["evidence"]["detail"] == {"line": "x"}


def test_earlier_doings_are_the_other_incidents_of_the_source(
    three: list[Incident], now: datetime
) -> None:
    again = record(now + timedelta(hours=2), "192.0.2.1", "t1", "z")
    assert earlier_doings(again) == [three[0]] and earlier_doings(three[0]) == [again]
    assert earlier_doings(three[1]) == []
    assert earlier_doings(Incident(source="")) == []
    later = record(now + timedelta(days=40), "192.0.2.1", "t1", "zz")
    assert earlier_doings(three[0]) == [later, again]
    assert find_incidents(IncidentSearch(token_id="t1")) == [later, again, three[1]]
    assert find_incidents(IncidentSearch(source="192.0.2.1")) == [later, again, three[0]]


def test_incidents_of_a_token_and_of_a_source_are_found_by_index(
    three: list[Incident],
) -> None:
    with CaptureQueriesContext(connection) as asked:
        find_incidents(IncidentSearch(token_id="t1"))
        find_incidents(IncidentSearch(source="192.0.2.1"))
        earlier_doings(three[0])
    plans = []
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans.append(" ".join(row[3] for row in cursor.fetchall()))
    assert not [plan for plan in plans if "SCAN console_incident" in plan]
    assert sum("incident_day_token (day=? AND token_id=?" in plan for plan in plans) == 1
    assert sum("incident_day_source (day=? AND source=?" in plan for plan in plans) == 2


def test_an_incident_is_described_for_people(
    three: list[Incident], owner: User, now: datetime
) -> None:
    incidents.acknowledge(three[0].pk, owner, now)
    Incident.objects.filter(pk=three[0].pk).update(source="\x1b[2J")
    (row,) = find_incidents(IncidentSearch(token_id="t0"))
    shown = describe_incident(row)
    assert (shown["token"], shown["acknowledged_by"]) == ("t0", "olivia")
    assert shown["source"] == "\\x1b[2J" and shown["changed"] == last_change()
    assert describe_incident(Incident(changed=1, first_seen=now, last_seen=now))["token"] is None


def test_the_last_change_grows_with_every_change(three: list[Incident], now: datetime) -> None:
    before = last_change()
    incidents.close(three[0].pk, None, now)
    assert last_change() == before + 1


def test_without_changes_the_last_one_is_none() -> None:
    assert last_change() == 0
