"""An alert: the message about an incident, before any destination has given it a form.

Rules:
- Every text passes through `base.untrusted.readable` when the alert is made, so that a destination
  holds one-line, bounded, harmless text and escapes only for its own format.
- An alert never holds a secret: no token id's key, no password, no link that grants access. The
  link leads to the Console, which asks who is there.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from serinus.base.untrusted import readable

AlertId = NewType("AlertId", str)

ID_LENGTH_MAX = 128
HEADLINE_LENGTH_MAX = 200
"""Characters: a subject line, and what a telephone's lock screen shows."""
TEXT_LENGTH_MAX = 1000
"""Characters of a memo or one fact: an alert is read on a telephone, the Console has the rest."""
LINK_LENGTH_MAX = 2048
FACTS_MAX = 64
"""Facts of either list; what comes after them stays in the Console."""

Facts = tuple[tuple[str, str], ...]
"""Pairs of label and value, in the order in which a person should read them."""


class Reason(StrEnum):
    """Why the alert is sent."""

    OPENED = "opened"
    """A new incident."""
    DIGEST = "digest"
    """What has come to an open incident since the alert before."""
    ALARM = "alarm"
    """The deployment itself is in trouble."""
    TEST = "test"
    """An operator tries the destination."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What people are told.

    Attributes:
        id: Unique; retries of one alert keep it, so that a receiver can drop doubles.
        reason: Why it is sent.
        headline: The one sentence that is read first.
        at: When it happened, aware.
        memo: What was planted and where, in the operator's words.
        kind: The token kind's name, or "".
        source: Address that it came from, or "".
        source_facts: What is known of the source (country, network, label).
        touched: A sentence that says what was touched, or "".
        facts: Further evidence.
        touches: How many touches the incident holds.
        incident: Id of the incident, or "".
        link: http(s) URL of the incident in the Console, or "".

    Raises:
        ValueError: `at` has no zone, `touches` is negative or `link` is no http(s) URL.
    """

    id: AlertId
    reason: Reason
    headline: str
    at: datetime
    memo: str = ""
    kind: str = ""
    source: str = ""
    source_facts: Facts = ()
    touched: str = ""
    facts: Facts = ()
    touches: int = 0
    incident: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("An alert's time has a zone.")
        if self.touches < 0:
            raise ValueError("An alert counts no fewer than 0 touches.")
        if self.link and not self.link.startswith(("http://", "https://")):
            raise ValueError("An alert's link begins with http:// or https://.")
        for name, length_max in _LENGTHS.items():
            object.__setattr__(self, name, readable(getattr(self, name), length_max))
        for name in ("source_facts", "facts"):
            object.__setattr__(self, name, _readable_facts(getattr(self, name)))


_LENGTHS = {
    "id": ID_LENGTH_MAX,
    "headline": HEADLINE_LENGTH_MAX,
    "memo": TEXT_LENGTH_MAX,
    "kind": ID_LENGTH_MAX,
    "source": ID_LENGTH_MAX,
    "touched": TEXT_LENGTH_MAX,
    "incident": ID_LENGTH_MAX,
    "link": LINK_LENGTH_MAX,
}


def _readable_facts(facts: Facts) -> Facts:
    return tuple(
        (readable(label, HEADLINE_LENGTH_MAX), readable(value, TEXT_LENGTH_MAX))
        for label, value in facts[:FACTS_MAX]
    )
