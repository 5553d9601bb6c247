"""Messages that lookups carry in parts: which incident a part belongs to, and what it says there.

Parts come in any order, from any resolver and more than once; docs/protocols/carried-data.md says
what is one message and what is an echo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from serinus.console.actions.inserting import Columns
from serinus.console.models import CarriedPart
from serinus.model.touch import Touch
from serinus.tokens.carried.lookup import (
    PARTS_MAX,
    SHORT_LENGTH_MAX,
    Message,
    Part,
    assemble,
    read_part,
    total_of,
)
from serinus.tokens.describe import CARRIED, quote_carried

PARTS_WAIT = timedelta(seconds=2)
"""The longest that a first alert waits for missing parts: a resolver's first retry fits, and nobody
misses what they could have done meanwhile."""
MESSAGES_MAX = 16
"""Messages of one incident that are shown, the first ones."""


@dataclass(slots=True, eq=False)
class Known:
    """What is known of one message while a batch is worked on.

    Attributes:
        name: The message's.
        incident_id: Primary key of the incident that it is at; 0 for one that the batch opens.
        at: When its first part came.
        case: Which of the batch's incidents that is.
        texts: Its parts by their numbers.
        headline_before: What `headline` was before the last part was added.
    """

    name: str
    incident_id: int
    at: datetime
    case: int = -1
    texts: dict[int, str] = field(default_factory=dict)
    headline_before: str = ""

    def covers(self, part: Part, at: datetime) -> bool:
        """Tell whether a part that came at that time is one of this message, new or an echo."""
        return at - self.at <= part.echo and self.texts.get(part.number, part.text) == part.text

    def holds(self, part: Part | None) -> bool:
        """Tell whether the part is there already."""
        return part is not None and part.number in self.texts

    @property
    def is_whole(self) -> bool:
        """Whether no part is missing; of many messages `message` takes long."""
        return len(self.texts) == total_of(self.name)

    @property
    def message(self) -> Message:
        """The message as far as it has come."""
        return assemble(self.name, self.texts)

    @property
    def headline(self) -> str:
        """What an incident that begins with this message is called; "" for one of one part."""
        if total_of(self.name) == 1:
            return ""
        message = assemble(self.name, self.texts, SHORT_LENGTH_MAX)
        missing = f", incomplete: {message.parts} of {message.total} parts"
        return quote_carried(message.text, f"lookups{'' if message.is_whole else missing}")


class Messages:
    """The messages of which a batch of touches carries parts.

    Args:
        carried: Primary keys of tokens, each with the part that a touch of it carries, if any.
    """

    def __init__(self, carried: Iterable[tuple[int, Part | None]]) -> None:
        keys = {(token, part.message) for token, part in carried if part is not None}
        self._known = _load(keys) if keys else {}

    @property
    def incidents(self) -> set[int]:
        """The incidents that they are at."""
        return {known.incident_id for known in self._known.values()}

    def seat(self, cases: Mapping[int, int]) -> None:
        """Take which of the batch's incidents each primary key stands for."""
        for known in self._known.values():
            known.case = cases[known.incident_id]

    def find(self, token: int, part: Part | None, at: datetime) -> Known | None:
        """Return the message that a part which came then is of, if some of it was there before."""
        known = self._known.get((token, part.message)) if part else None
        return known if known and part and known.covers(part, at) else None

    def add(self, token: int, part: Part, at: datetime, case: int) -> Known | None:
        """Add a part to its message at this incident; None where another text stands there."""
        known = self._known.get((token, part.message))
        if known is None or known.case != case:
            known = self._known[token, part.message] = Known(part.message, 0, at, case)
        if part.number in known.texts:
            return None
        known.headline_before = known.headline
        known.texts[part.number] = part.text
        return known


def find_part(touch: Touch, token_id: str) -> Part | None:
    """Return the part that a touch carries for a token: labels are left of one token alone."""
    if touch.channel != "dns" or touch.tokens[:1] != (token_id,):
        return None
    return read_part(touch.detail.get("left"))


def save_parts(parts: Iterable[tuple[int, int, Part, datetime]]) -> None:
    """Keep parts, each given with its incident, its token and its time; none of them twice."""
    columns = ("incident", "token", "message", "number", "text", "at")
    Columns(CarriedPart, columns).insert(
        [
            (incident, token, part.message, part.number, part.text, at)
            for incident, token, part, at in parts
        ]
    )


def find_messages(incident_id: int) -> list[Message]:
    """Return what lookups of an incident carried, as far as it has come, the first ones."""
    rows = CarriedPart.objects.filter(incident_id=incident_id).order_by("pk")
    texts: dict[str, dict[int, str]] = {}
    for name, number, text in rows.values_list("message", "number", "text")[
        : MESSAGES_MAX * PARTS_MAX
    ]:
        texts.setdefault(name, {})[number] = text
    return [assemble(name, known) for name, known in list(texts.items())[:MESSAGES_MAX]]


def list_facts(messages: Iterable[Message]) -> Sequence[tuple[str, str]]:
    """Return messages of several parts as facts; one of a single part is a fact of its touch."""
    found = ((CARRIED, message.sentence) for message in messages if message.total > 1)
    return list(islice(found, MESSAGES_MAX))


def _load(keys: set[tuple[int, str]]) -> dict[tuple[int, str], Known]:
    """Return what is known of these messages; where one is at several incidents, of the newest.

    No more is looked at than they can have at one incident each: who forges a name again and again
    from other addresses makes incidents, and nothing slower.
    """
    found: dict[tuple[int, str], Known] = {}
    rows = CarriedPart.objects.filter(
        token_id__in={token for token, _ in keys}, message__in={name for _, name in keys}
    )
    columns = ("token_id", "message", "incident_id", "at", "number", "text")
    newest = rows.order_by("-pk").values_list(*columns)[: PARTS_MAX * len(keys)]
    for token, name, incident, at, number, text in reversed(newest):
        known = found.get((token, name))
        if known is None or known.incident_id < incident:
            known = found[token, name] = Known(name, incident, at)
        if known.incident_id == incident:
            known.texts[number] = text
    return {key: known for key, known in found.items() if key in keys}
