from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from serinus.console.actions.joining import (
    ACROSS,
    WINDOW,
    Contact,
    Standing,
    choose,
    extend,
    joins,
)

T0 = datetime(2026, 3, 1, tzinfo=UTC)
contacts = st.builds(
    Contact,
    st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
    st.sampled_from(["dns", "http"]),
    st.integers(0, 4000).map(lambda s: T0 + timedelta(seconds=s)),
)


def at(source: str, channel: str, seconds: float) -> Contact:
    return Contact(source, channel, T0 + timedelta(seconds=seconds))


def open_standing(contact: Contact) -> Standing:
    return Standing(contact.source, "", frozenset((contact.channel,)), contact.at, contact.at)


def test_the_same_source_joins_until_the_window_ends() -> None:
    standing = open_standing(at("a", "http", 0))
    assert joins(standing, Contact("a", "http", T0 + WINDOW))
    assert not joins(standing, Contact("a", "http", T0 + WINDOW + timedelta(seconds=1)))


def test_another_source_on_the_same_channel_stays_outside() -> None:
    for channel in ("dns", "http"):
        assert not joins(open_standing(at("a", channel, 0)), at("b", channel, 1))


def test_the_client_becomes_the_source_after_its_resolver() -> None:
    standing = open_standing(at("resolver", "dns", 0))
    assert joins(standing, at("client", "http", 5))
    standing = extend(standing, at("client", "http", 5))
    assert (standing.source, standing.resolver) == ("client", "resolver")
    assert joins(standing, at("resolver", "dns", 600))
    assert not joins(standing, at("somebody", "http", 6))


def test_a_resolver_after_its_client_does_not_become_the_source() -> None:
    standing = open_standing(at("client", "http", 0))
    standing = extend(standing, at("resolver", "dns", 5))
    assert (standing.source, standing.resolver) == ("client", "resolver")
    assert joins(standing, at("second resolver", "dns", 20))


def test_channels_meet_only_soon_after_one_another() -> None:
    standing = open_standing(at("resolver", "dns", 0))
    assert not joins(standing, Contact("client", "http", T0 + ACROSS + timedelta(seconds=1)))


def test_the_same_source_goes_before_the_other_half() -> None:
    own = open_standing(at("client", "http", 0))
    other = open_standing(at("resolver", "dns", 9))
    assert choose([(1, own), (2, other)], at("client", "http", 10)) == 1


@given(contacts)
def test_a_contact_joins_what_it_opens(contact: Contact) -> None:
    assert joins(open_standing(contact), contact)


@given(st.lists(contacts, max_size=30))
def test_every_contact_has_one_place_and_no_two_incidents_share_it(found: list[Contact]) -> None:
    standings: list[Standing] = []
    for contact in sorted(found, key=lambda c: c.at):
        number = choose(list(enumerate(standings)), contact)
        if number is None:
            assert not any(joins(s, contact) for s in standings)
            standings.append(open_standing(contact))
        else:
            before = standings[number]
            standings[number] = after = extend(before, contact)
            assert after.first_seen <= contact.at <= after.last_seen
            assert before.channels <= after.channels
            assert after.source in (before.source, contact.source)
            assert joins(after, contact)
    assert len(standings) <= len(found)
    assert bool(standings) == bool(found)


@given(contacts, contacts)
def test_whether_two_contacts_belong_together_does_not_depend_on_which_came_first(
    one: Contact, other: Contact
) -> None:
    assert joins(open_standing(one), other) == joins(open_standing(other), one)
