"""Which touches are one incident; pure.

- The same source at the same token within the window is one incident.
- A resolver asks for a client. So HTTP soon after DNS at the same token, from another address, is
  the same visitor, whose address is that of the HTTP client; and DNS soon after HTTP is its
  resolver.
- Any other source is another incident.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
"""A source silent for longer comes back as a new incident."""
ACROSS = timedelta(seconds=30)
"""Between a client's DNS question and its connection; a resolver's own retries fit."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What of a touch decides where it belongs."""

    source: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What of an incident decides which touches of its token belong to it."""

    source: str
    resolver: str
    channels: frozenset[str]
    first_seen: datetime
    last_seen: datetime


def joins(standing: Standing, contact: Contact, window: timedelta = WINDOW) -> bool:
    """Tell whether a contact at the same token belongs to the incident."""
    if contact.source in (standing.source, standing.resolver):
        return _is_near(standing, contact, window)
    return joins_across(standing, contact)


def joins_across(standing: Standing, contact: Contact) -> bool:
    """Tell whether a contact from another address is the incident's other half."""
    if not _is_near(standing, contact, ACROSS):
        return False
    if contact.channel == "http":
        return standing.channels == {"dns"}
    return contact.channel == "dns" and "http" in standing.channels


def choose(
    standings: Iterable[tuple[int, Standing]], contact: Contact, window: timedelta = WINDOW
) -> int | None:
    """Return the number of the incident that the contact joins, or None if it opens one.

    The same source goes before another; of several, the one seen last wins.
    """
    found = [
        (contact.source in (s.source, s.resolver), s.last_seen, number)
        for number, s in standings
        if joins(s, contact, window)
    ]
    return max(found)[2] if found else None


def extend(standing: Standing, contact: Contact) -> Standing:
    """Return the incident's standing once the contact has joined it."""
    source, resolver = standing.source, standing.resolver
    if contact.source not in (source, resolver):
        if contact.channel == "http":
            source, resolver = contact.source, source
        else:
            resolver = resolver or contact.source
    return replace(
        standing,
        source=source,
        resolver=resolver,
        channels=standing.channels | {contact.channel},
        first_seen=min(standing.first_seen, contact.at),
        last_seen=max(standing.last_seen, contact.at),
    )


def _is_near(standing: Standing, contact: Contact, span: timedelta) -> bool:
    return standing.first_seen - span <= contact.at <= standing.last_seen + span
