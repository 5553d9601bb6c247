"""One suite over every destination, and what each adds to it."""

import hashlib
import hmac
import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import serinus.alerts.destinations as folder
from serinus.alerts.alert import FACTS_MAX, Alert, AlertId, Reason
from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import (
    ATTEMPTS_MAX,
    DELAY_MAX_S,
    DELAY_MIN_S,
    AppriseMessage,
    Destination,
    Mail,
    Outcome,
    Post,
    Reply,
    next_attempt,
    read_settings,
)
from serinus.base.errors import OperatorError

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVIL = "x\r\nBcc: evil@example.net\r\n\r\n<script>alert(1)</script>\u202egnp.exe\x1b[2J\ud800"
SECRET = "an-unguessable-secret"
VALUES: dict[str, dict[str, Any]] = {
    "email": {
        "to": "a@example.net, b@example.net",
        "sender": "serinus@example.org",
        "host": "mail.example.net",
        "username": "u",
        "password": "p4ssword",
    },
    "webhook": {"url": "https://hooks.example.net/in?k=1", "secret": SECRET},
    "apprise": {"url": "ntfys://example.net/topic"},
}
ALERT = Alert(
    AlertId("alert-1"),
    Reason.OPENED,
    "Somebody opened the payroll document",
    NOW - timedelta(minutes=1),
    memo="Payroll share, Zürich",
    kind="word",
    source="203.0.113.9",
    source_facts=(("Country", "NL"),),
    touched="payroll.docx on FILE01",
    facts=(("User agent", "Word/16"),),
    touches=3,
    incident="inc-7",
    link="https://console.example.net/incidents/7",
)
EVIL_ALERT = Alert(
    AlertId(EVIL), Reason.OPENED, EVIL, NOW, EVIL, EVIL, EVIL, ((EVIL, EVIL),), EVIL,
    ((EVIL, EVIL),) * 100, 1, EVIL, 'https://c/"><script>',
)  # fmt: skip
each = pytest.mark.parametrize("name", sorted(DESTINATIONS))


def text_of(outgoing: Any) -> str:
    if isinstance(outgoing, Mail):
        message = message_from_bytes(outgoing.message, policy=default)
        return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]
    if isinstance(outgoing, Post):
        return json.dumps(json.loads(outgoing.body), ensure_ascii=False)
    assert isinstance(outgoing, AppriseMessage)
    return f"{outgoing.title}\n{outgoing.body}"


def compose(name: str, alert: Alert = ALERT, now: datetime = NOW, **changes: Any) -> Any:
    destination = DESTINATIONS[name]
    return destination.compose(alert, read_settings(destination, VALUES[name] | changes), now)


def test_the_catalogue_and_the_folder_agree() -> None:
    found = {path.stem for path in Path(str(folder.__file__)).parent.glob("*.py")}
    assert set(DESTINATIONS) == found - {"__init__"}


@each
def test_settings_are_frozen_and_described(name: str) -> None:
    destination: Destination = DESTINATIONS[name]
    assert destination.name == name and destination.title
    assert is_dataclass(destination.settings)
    for declared in fields(destination.settings):
        assert declared.metadata["label"] and declared.metadata["help"].endswith(".")
        assert isinstance(declared.metadata["secret"], bool)
    made = read_settings(destination, VALUES[name])
    with pytest.raises(AttributeError):
        setattr(made, fields(made)[0].name, "x")


@each
def test_what_must_be_given_is_named_when_missing(name: str) -> None:
    for field in ("url", "to", "sender", "host"):
        if field in VALUES[name]:
            with pytest.raises(OperatorError) as caught:
                read_settings(DESTINATIONS[name], VALUES[name] | {field: " "})
            assert caught.value.field == field
    with pytest.raises(OperatorError) as caught:
        read_settings(DESTINATIONS[name], VALUES[name] | {"colour": "red"})
    assert caught.value.field == "colour"


@each
def test_control_characters_are_refused_in_every_text(name: str) -> None:
    for field, value in VALUES[name].items():
        with pytest.raises(OperatorError) as caught:
            read_settings(DESTINATIONS[name], VALUES[name] | {field: f"{value}\r\nX: y"})
        assert caught.value.field == field


@each
def test_composing_is_pure_and_tells_what_happened(name: str) -> None:
    assert compose(name) == compose(name)
    text = text_of(compose(name))
    for part in ("payroll document", "Zürich", "203.0.113.9", "Word/16", ALERT.link):
        assert part in text


@each
def test_no_secret_is_in_the_message_or_the_repr(name: str) -> None:
    outgoing = compose(name)
    for field in fields(DESTINATIONS[name].settings):
        if field.metadata["secret"] and field.name in VALUES[name]:
            secret = VALUES[name][field.name]
            assert secret not in text_of(outgoing)
            assert secret not in repr(outgoing)
            assert secret not in repr(read_settings(DESTINATIONS[name], VALUES[name]))


@each
def test_an_intruders_text_steers_nothing(name: str) -> None:
    text = text_of(compose(name, EVIL_ALERT))
    assert not set(text) & set("\r\x1b\u202e\ud800")


@each
def test_replies_are_judged(name: str) -> None:
    judge = DESTINATIONS[name].judge
    assert judge(Reply(True, 250, "ok")).outcome is Outcome.DELIVERED
    assert judge(Reply(False, None, "timed out", True)).outcome is Outcome.AGAIN
    verdict = judge(Reply(False, None, "no\x1b such user"))
    assert verdict.outcome is Outcome.GIVE_UP and "no\\x1b such user" in verdict.words


@pytest.mark.parametrize("byte", [0, 255])
def test_the_backoff_grows_and_is_bounded(byte: int) -> None:
    delays = [next_attempt(n, lambda size: bytes([byte]) * size) for n in range(1, 100)]
    assert delays == sorted(delays)
    assert all(DELAY_MIN_S / 2 <= delay <= DELAY_MAX_S for delay in delays)
    assert 86400 < sum(delays[:ATTEMPTS_MAX]) < 3 * 86400


def test_an_alert_is_readable_and_bounded() -> None:
    assert len(EVIL_ALERT.facts) == FACTS_MAX and "\n" not in EVIL_ALERT.memo
    with pytest.raises(ValueError, match="zone"):
        Alert(AlertId("1"), Reason.TEST, "h", datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="link"):
        Alert(AlertId("1"), Reason.TEST, "h", NOW, link="javascript:alert(1)")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)


def test_the_mail_is_what_a_mail_program_expects() -> None:
    mail = compose("email")
    message = message_from_bytes(mail.message, policy=default)
    assert not message.defects
    assert message["Subject"] == ALERT.headline
    assert message["Date"].datetime == NOW
    assert message["From"].addresses[0].addr_spec == "serinus@example.org"
    assert [a.addr_spec for a in message["To"].addresses] == list(mail.recipients)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    body = message.get_body(("html",))
    assert body is not None
    tags = Tags()
    tags.feed(body.get_content())
    assert {"table", "a", "h1"} <= set(tags.seen) and not {"script", "img"} & set(tags.seen)
    assert "prefers-color-scheme:dark" in body.get_content()


def test_a_retry_keeps_its_message_id_and_another_alert_does_not() -> None:
    def message_id(**changes: Any) -> str:
        mail = compose("email", **changes)
        return str(message_from_bytes(mail.message, policy=default)["Message-ID"])

    first = message_id()
    assert message_id(now=NOW + timedelta(hours=1)) == first
    assert message_id(to="c@example.net") != first
    assert message_id(alert=EVIL_ALERT) != first


def test_header_and_html_injection_is_inert_in_mail() -> None:
    message = message_from_bytes(compose("email", EVIL_ALERT).message, policy=default)
    assert message["Bcc"] is None and not message.defects
    body = message.get_body(("html",))
    assert body is not None
    tags = Tags()
    tags.feed(body.get_content())
    assert "script" not in tags.seen


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "nobody"), ("to", "a@b, <x@y>"), ("sender", "a b@example.net"), ("port", "0"),
        ("port", "x"), ("security", "ssl"), ("security", "none"), ("password", ""),
        ("host", "a b"),
    ],
)  # fmt: skip
def test_wrong_mail_settings_are_refused(field: str, value: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_settings(DESTINATIONS["email"], VALUES["email"] | {field: value})
    assert caught.value.field in (field, "username")


def test_the_webhooks_signature_can_be_verified() -> None:
    post = compose("webhook")
    headers = dict(post.headers)
    timestamp = headers["X-Serinus-Timestamp"]
    assert int(timestamp) == int(NOW.timestamp())
    expected = hmac.digest(SECRET.encode(), timestamp.encode() + b"." + post.body, "sha256").hex()
    assert headers["X-Serinus-Signature"] == f"sha256={expected}"
    assert len(bytes.fromhex(expected)) == hashlib.sha256().digest_size
    unsigned = dict(compose("webhook", secret="").headers)
    assert "X-Serinus-Signature" not in unsigned


def test_the_webhooks_document_has_every_part() -> None:
    document = json.loads(compose("webhook").body)
    assert document["version"] == 1 and document["id"] == "alert-1"
    assert document["incident"] == "inc-7" and document["kind"] == "word"
    assert datetime.fromisoformat(document["time"]) == ALERT.at
    assert document["source"]["address"] == "203.0.113.9"


@pytest.mark.parametrize(
    "url",
    ["ftp://a/", "http://", "https://u:p@a/", "https://a:x/", "https://a b/", "//a", "http://é/"],
)
def test_wrong_webhook_urls_are_refused(url: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_settings(DESTINATIONS["webhook"], {"url": url})
    assert caught.value.field == "url"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(301, Outcome.GIVE_UP), (404, Outcome.GIVE_UP), (429, Outcome.AGAIN), (503, Outcome.AGAIN)],
)
def test_webhook_statuses_are_judged(status: int, outcome: Outcome) -> None:
    verdict = DESTINATIONS["webhook"].judge(Reply(False, status, "words"))
    assert verdict.outcome is outcome and verdict.words == f"{status} words"


@pytest.mark.parametrize(
    "url",
    [
        "dbus://", "WINDOWS://", "macosx://x", "syslog://x", "mailto://u:p@h", "mqtt://h/t",
        "slack://a/b/c?template=/etc/passwd", "fcm://p/k?KeyFile=/etc/passwd", "nothing",
        "json://h /x", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_apprise_urls_that_reach_for_this_machine_are_refused(url: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_settings(DESTINATIONS["apprise"], {"url": url})
    assert caught.value.field == "url"


ENCODED = (
    "GET for /=?us-ascii?q?a=0d=0aBcc:evil@example.net?= of x",
    "GET for /=?utf-8?b?Cg==?=",
    "GET for /=?utf-7?q?+2AA-?=",
    "=?utf-8*en?q?x?= =?unicode_escape?q?=5Cud800?=",
    "?==?=?utf-8?q?=0A?=",
)
"""RFC 2047 words of an intruder: `email` decodes them in what is set as a header."""


@pytest.mark.parametrize("headline", ENCODED)
def test_encoded_words_of_an_intruder_stay_text_in_a_mail(headline: str) -> None:
    mail = compose("email", replace(ALERT, headline=headline, memo=headline, touched=headline))
    assert b"\n" not in mail.message.replace(b"\r\n", b"")
    message = message_from_bytes(mail.message, policy=default)
    assert {name.lower() for name in message} == {
        "subject", "from", "to", "date", "message-id", "references", "auto-submitted",
        "importance", "content-type", "mime-version",
    }  # fmt: skip
    assert message["Subject"] == headline.replace("=?", "= ?")
    assert headline in text_of(mail)


@pytest.mark.parametrize("port", [float("inf"), 25.5, True, [1], "1e3", "9" * 5000])
def test_a_number_that_is_none_is_named(port: Any) -> None:
    with pytest.raises(OperatorError) as caught:
        read_settings(DESTINATIONS["email"], {**VALUES["email"], "port": port})
    assert caught.value.field == "port"
