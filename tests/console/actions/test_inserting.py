from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from serinus.base.ids import TokenId
from serinus.console.actions import tokens
from serinus.console.actions.inserting import PARAMETERS_MAX, Columns
from serinus.console.models import Alert, IncidentTouch

ALERT = ("reason", "number", "created_at", "body")


def test_rows_are_stored_as_django_would_and_their_keys_are_known(now: datetime) -> None:
    rows = [
        ("opened", n, now + timedelta(seconds=n), {"n": [n, "ü", None]})
        for n in range(PARAMETERS_MAX // 2)
    ]
    keys = Columns(Alert, ALERT).insert_with_keys(rows)
    found = Alert.objects.in_bulk()
    assert len(found) == len(rows)
    for key, row in zip(keys, rows, strict=True):
        same = found[key]
        assert (same.reason, same.number, same.created_at, same.body) == row
        assert same.incident_id is None
    assert Columns(Alert, ALERT).insert_with_keys([]) == []


def test_columns_that_are_not_given_have_their_defaults(now: datetime) -> None:
    (key,) = Columns(Alert, ("created_at", "reason")).insert_with_keys([(now, "opened")])
    row = Alert.objects.get(pk=key)
    assert (row.number, row.body, row.created_at, row.incident_id) == (0, {}, now, None)


def test_an_unlawful_row_stores_none(now: datetime) -> None:
    columns = Columns(Alert, ("incident", "reason", "created_at"))
    with pytest.raises(IntegrityError), transaction.atomic():
        columns.insert_with_keys([(None, "opened", now), (77, "opened", now)])
    assert not Alert.objects.exists()


def test_rows_whose_like_is_there_are_left_out(now: datetime) -> None:
    (token,) = tokens.mint_tokens([tokens.NewToken(TokenId("t"), "web", "m")], None, now)
    columns = Columns(IncidentTouch, ("touch_id", "token", "at", "incident", "facts"))
    with pytest.raises(IntegrityError), transaction.atomic():
        columns.insert([("x", token.pk, now, 1, [("a", "ü")])] * 2)
        assert IncidentTouch.objects.get().facts == [["a", "ü"]]


def test_a_change_changes_its_columns_of_its_row_alone(now: datetime) -> None:
    rows = [("opened", n, now, {"n": n}) for n in range(2)]
    first, second = Columns(Alert, ALERT).insert_with_keys(rows)
    later = now + timedelta(days=1)
    Columns(Alert, ("created_at", "body")).update([(first, (later, {"m": 1}))])
    found = Alert.objects.in_bulk()
    assert (found[first].created_at, found[first].body) == (later, {"m": 1})
    assert (found[first].reason, found[first].number) == ("opened", 0)
    assert (found[second].created_at, found[second].body) == (now, {"n": 1})
