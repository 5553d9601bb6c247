from datetime import datetime, timedelta
from typing import Any

from serinus.alerts.alert import Reason
from serinus.base.ids import TokenId
from serinus.console.actions import tokens
from serinus.console.actions.alarms import raise_alarm
from serinus.console.actions.alerting import next_digest, read_alert, write_digests
from serinus.console.actions.recording import record_touches
from serinus.console.models import Alert
from serinus.model.touch import Touch
from serinus.tokens.kind import Trip

BASE = "https://console.example"


def record(now: datetime, seq: int, **facts: Any) -> None:
    found = Touch(
        f"t{seq}", now.timestamp(), "http", "tcp", "192.0.2.1", 4711, (TokenId("secretid"),), {}
    )
    record_touches(
        [(seq, found)],
        lambda touch, token: Trip("GET for \x1b/x", (("Host", "files.example"),)),
        now,
        describe_source=lambda touch: facts,
    )


def test_an_alert_says_who_touched_what_when_and_where_to_look(now: datetime) -> None:
    tokens.mint_tokens([tokens.NewToken(TokenId("secretid"), "web", "the wiki")], None, now)
    record(now, 1, country="DE", labels=["tor"], reverse="a.example")
    row = Alert.objects.get()
    alert = read_alert(row, BASE)
    assert (alert.reason, alert.memo, alert.kind) == (Reason.OPENED, "the wiki", "web")
    assert (alert.source, alert.at, alert.touches) == ("192.0.2.1", now, 1)
    assert alert.touched == "GET for \\x1b/x" and alert.facts == (("Host", "files.example"),)
    assert dict(alert.source_facts) == {
        "Known as": "tor",
        "Country": "DE",
        "Reverse name": "a.example",
    }
    assert alert.link == f"{BASE}/incidents/{row.incident_id}"
    assert "secretid" not in repr(alert)
    assert read_alert(Alert.objects.get(), BASE).id == alert.id


def test_a_digest_says_how_many_more_and_from_when_to_when(now: datetime) -> None:
    tokens.mint_tokens([tokens.NewToken(TokenId("secretid"), "web", "the wiki")], None, now)
    for seq, minutes in enumerate((0, 5, 9), 1):
        record(now + timedelta(minutes=minutes), seq)
    later = now + timedelta(minutes=30)
    due = next_digest()
    assert due is not None and now < due <= later
    assert write_digests(later) == 1 and next_digest() is None
    alert = read_alert(Alert.objects.get(reason="digest"), BASE)
    assert alert.headline == "2 more touches from 2026-03-01 03:05:00 to 03:09:00 UTC"
    assert alert.reason is Reason.DIGEST and alert.touches == 3
    assert alert.at == now + timedelta(minutes=9)


def test_an_alarm_is_read_as_an_alert_too(now: datetime) -> None:
    raise_alarm("ledger size", "The ledger is nearly full.", now)
    alert = read_alert(Alert.objects.get(), BASE)
    assert (alert.reason, alert.kind, alert.source) == (Reason.ALARM, "alarm", "")
    assert alert.headline == "The ledger is nearly full." and alert.link.startswith(BASE)
