from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from serinus.alerts.destination import Outcome
from serinus.base.errors import OperatorError
from serinus.console.actions import destinations
from serinus.console.actions.minting import MASK
from serinus.console.deployment import load_deployment
from serinus.console.models import Alert, Delivery, Destination, User

WEBHOOK = {"url": "https://hooks.example/x", "secret": "a secret of sixteen"}
MAIL = {"to": "a@example.com, b@example.com", "sender": "s@example.com", "host": "mail.example"}


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted to /good, and refuses the rest in its own words."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/good" else 418)
        self.end_headers()
        self.wfile.write(b"I am a teapot")

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on loopback, which the deployment lets alerts be sent to."""
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    known = load_deployment()
    allowed = replace(known.settings, outgoing_allow=("127.0.0.0/8",))
    monkeypatch.setattr(destinations, "load_deployment", lambda: replace(known, settings=allowed))
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def add(settings: dict[str, Any], now: datetime, kind: str = "webhook") -> Destination:
    return destinations.add_destination(kind, " the hook ", settings, None, now)


def test_a_destination_keeps_its_settings_and_shows_no_secret(owner: User, now: datetime) -> None:
    row = destinations.add_destination("email", "mail", MAIL, owner, now)
    row = Destination.objects.get(pk=row.pk)
    assert row.settings["to"] == ["a@example.com", "b@example.com"] and row.enabled
    assert destinations.describe_destination(row)["settings"]["password"] == ""
    hook = add(WEBHOOK, now)
    assert hook.name == "the hook"
    shown = destinations.describe_destination(hook)
    assert WEBHOOK["secret"] not in str(shown) and shown["settings"]["secret"] == MASK


def test_of_a_kind_that_is_gone_nothing_is_shown() -> None:
    row = Destination(kind="gone", settings={"url": "https://x", "empty": ""})
    shown = destinations.describe_destination(row)["settings"]
    assert shown == {"url": MASK, "empty": ""}


def test_a_change_leaves_masked_and_absent_settings(now: datetime) -> None:
    row = add(WEBHOOK, now)
    changed = destinations.change_destination(
        row, None, now, settings={"url": "https://other.example/", "secret": MASK}
    )
    assert changed.settings == {**WEBHOOK, "url": "https://other.example/"}
    changed = destinations.change_destination(row, None, now, settings={"secret": ""})
    assert changed.settings["secret"] == "" and changed.settings["url"]
    assert destinations.change_destination(row, None, now, enabled=False).enabled is False
    assert destinations.change_destination(row, None, now, name="new").name == "new"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"settings": {"url": "x"}}, "url"), ({"settings": {"no": 1}}, "no"), ({"name": ""}, "name")],
    ids=str,
)
def test_a_wrong_change_changes_nothing(values: dict[str, Any], field: str, now: datetime) -> None:
    row = add(WEBHOOK, now)
    with pytest.raises(OperatorError) as caught:
        destinations.change_destination(row, None, now, enabled=False, **values)
    assert caught.value.field == field
    fresh = Destination.objects.get(pk=row.pk)
    assert (fresh.settings, fresh.enabled, fresh.name) == (WEBHOOK, True, "the hook")


def test_what_is_removed_cannot_be_changed(now: datetime) -> None:
    row = add(WEBHOOK, now)
    gone = Destination.objects.get(pk=row.pk)
    destinations.remove_destination(row, None, now)
    with pytest.raises(Destination.DoesNotExist):
        destinations.change_destination(gone, None, now, name="x")


def test_there_is_a_bound_on_destinations(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "DESTINATIONS_MAX", 1)
    add(WEBHOOK, now)
    with pytest.raises(OperatorError):
        add(WEBHOOK, now)


def test_a_test_is_delivered_and_noted(receiver: str, now: datetime) -> None:
    row = add({**WEBHOOK, "url": f"{receiver}/good"}, now)
    Destination.objects.filter(pk=row.pk).update(failures=3)
    assert destinations.test_destination(row, now).outcome is Outcome.DELIVERED
    fresh = Destination.objects.get(pk=row.pk)
    assert (fresh.failures, fresh.last_at) == (0, now)


def test_a_test_that_fails_says_so_in_the_servers_words(receiver: str, now: datetime) -> None:
    row = add({**WEBHOOK, "url": f"{receiver}/bad"}, now)
    verdict = destinations.test_destination(row, now)
    assert verdict.outcome is not Outcome.DELIVERED and "418" in verdict.words
    fresh = Destination.objects.get(pk=row.pk)
    assert (fresh.failures, fresh.last_outcome) == (1, verdict.words)


def test_a_test_never_raises(now: datetime) -> None:
    for kind, settings in (
        ("webhook", {**WEBHOOK, "url": "http://127.0.0.1:9/"}),
        ("webhook", {"url": 5}),
        ("email", {**MAIL, "host": "127.0.0.1", "port": 9}),
        ("apprise", {"url": "json://127.0.0.1:9"}),
        ("gone", {}),
    ):
        row = Destination.objects.create(kind=kind, name="x", settings=settings)
        verdict = destinations.test_destination(row, now)
        assert verdict.outcome is not Outcome.DELIVERED and verdict.words


def test_the_log_is_read_newest_first_in_pages(now: datetime) -> None:
    row, other = add(WEBHOOK, now), add(WEBHOOK, now)
    for number in range(5):
        alert = Alert.objects.create(
            reason="test", number=number, created_at=now, body={"headline": f"h{number}"}
        )
        for where in (row, other):
            Delivery.objects.create(alert=alert, destination=where, next_at=now)
    page = destinations.delivery_log(row, count=3)
    shown = [destinations.describe_delivery(one)["headline"] for one in page]
    assert shown == ["h4", "h3", "h2"]
    rest = destinations.delivery_log(row, before=page[-1].pk)
    assert [one.alert.number for one in rest] == [1, 0]


@pytest.mark.parametrize(("name", "value"), [("host", "evil.example"), ("port", 2525)])
def test_a_secret_does_not_follow_to_another_place(
    name: str, value: Any, colleague: User, now: datetime
) -> None:
    login = {"username": "u", "password": "never to be seen"}
    row = destinations.add_destination("email", "mail", {**MAIL, **login}, None, now)
    for kept in ({}, {"password": MASK}):
        with pytest.raises(OperatorError) as caught:
            destinations.change_destination(row, colleague, now, settings={name: value, **kept})
        assert caught.value.field == "password"
    assert Destination.objects.get(pk=row.pk).settings["host"] == MAIL["host"]
    typed = {name: value, "password": "typed anew"}
    moved = destinations.change_destination(row, colleague, now, settings=typed)
    assert moved.settings[name] == value
    there = {name: value, "username": "v"}
    assert destinations.change_destination(row, colleague, now, settings=there)
    gone = {name: MAIL.get(name, 587), "username": "", "password": ""}
    assert destinations.change_destination(row, colleague, now, settings=gone)
