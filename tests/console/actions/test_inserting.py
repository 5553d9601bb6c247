from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from serinus.base.ids import TokenId
from serinus.console.actions import tokens
from serinus.console.actions.inserting import (
    PARAMETERS_MAX,
    insert_fields,
    insert_rows,
    insert_values,
    prepare,
)
from serinus.console.models import Alert, IncidentTouch


def test_rows_are_stored_as_django_would_and_know_their_keys(now: datetime) -> None:
    count = PARAMETERS_MAX // 2
    rows = [
        Alert(reason="opened", number=n, created_at=now + timedelta(seconds=n), body={"n": n})
        for n in range(count)
    ]
    insert_rows(rows)
    found = Alert.objects.in_bulk()
    assert len(found) == count
    for row in rows:
        same = found[row.pk]
        assert (same.number, same.created_at, same.body) == (row.number, row.created_at, row.body)
    rows[0].reason = "digest"
    rows[0].save()
    assert Alert.objects.filter(reason="digest").count() == 1
    insert_rows([])


def test_an_unlawful_row_stores_none(now: datetime) -> None:
    rows = [Alert(reason="opened", created_at=now), Alert(incident_id=77, created_at=now)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(rows)
    assert not Alert.objects.exists()


def test_values_whose_like_is_there_are_left_out(now: datetime) -> None:
    (token,) = tokens.mint_tokens([tokens.NewToken(TokenId("t"), "web", "m")], None, now)
    row = IncidentTouch(touch_id="x", token=token, at=now, incident_id=1, facts=[["a", "ü"]])
    fields = insert_fields(IncidentTouch)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_values(IncidentTouch, fields, [prepare(row, fields)] * 2)
        assert IncidentTouch.objects.count() == 1
        assert IncidentTouch.objects.get().facts == [["a", "ü"]]
