"""What pages and API read of incidents: searches, touches, and both as JSON values.

What a person is shown went through `base.untrusted.readable`, but for a touch's `evidence`: that is
the raw record, whose text is Latin-1 of wire bytes, and whoever shows it makes it readable.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from serinus.base.untrusted import readable
from serinus.console.actions.days import days_from
from serinus.console.actions.minting import show_time
from serinus.console.deployment import load_deployment
from serinus.console.models import ChangeCounter, Incident, IncidentTouch, Token, User
from serinus.console.models.incidents import State

PAGE_MAX = 501
"""Rows of one call: a page of 500, and one more that tells whether there is a next page."""
NUMBER_MAX = 2**63 - 1
"""The largest number that a database keeps."""
WORDS_MAX = 8
"""Words of a search that count; nobody types more, and each costs a look-up."""
WORD_LENGTH_MAX = 200
"""Characters of one word that count; an address or a host name fits."""


@dataclass(frozen=True, slots=True)
class IncidentSearch:
    """Which incidents are wanted; what is not given does not matter.

    Attributes:
        text: Words, each of which memo, source or headline has a word beginning with; an address
            or a host name is one word.
        token_id: The id of a token.
        source: The whole address of a source.
        changed_after: Only what changed after this number.
    """

    text: str = ""
    state: State | None = None
    kind: str | None = None
    token_id: str | None = None
    source: str | None = None
    changed_after: int | None = None


def find_incidents(
    search: IncidentSearch, cursor: int | None = None, count: int = 50
) -> list[Incident]:
    """Return a page of incidents, newest first, below primary key `cursor`.

    With `changed_after` it is a feed instead: in the order of their changes, after change number
    `cursor`. A reader that goes on from the last `changed` it saw misses nothing.
    """
    words, count = _words(search.text), _bounded(count)
    if search.text.strip() and not words:
        return []
    conditions = _conditions(search, cursor)
    is_feed = search.changed_after is not None
    order = "changed" if is_feed else "-pk"
    if words and connection.vendor == "sqlite":
        pks = _search_index(words, conditions, is_feed, count)
    else:
        found = Incident.objects.filter(**conditions)
        named = {name: conditions[name] for name in ("token_id", "source") if name in conditions}
        if named:
            # As a list of its own: by any other index, most incidents would be looked at.
            found = found.filter(pk__in=Incident.objects.filter(day__in=days_from(), **named))
        for word in words:
            found = found.filter(
                Q(memo__icontains=word) | Q(source__istartswith=word) | Q(headline__icontains=word)
            )
        # Numbers first: where they have to be sorted, the rows are not carried along.
        pks = list(found.order_by(order).values_list("pk", flat=True)[:count])
    return list(_shown(Incident.objects.filter(pk__in=pks)).order_by(order))


def find_touches(incident_id: int, after: int = 0, count: int = 50) -> list[IncidentTouch]:
    """Return a page of an incident's touches, oldest first, above primary key `after`."""
    found = IncidentTouch.objects.filter(incident_id=incident_id, pk__gt=after)
    return list(found.order_by("pk")[: _bounded(count)])


def earlier_doings(incident: Incident, count: int = 20) -> list[Incident]:
    """Return other incidents of the same source, the one seen last first."""
    if not incident.source:
        return []
    found = Incident.objects.filter(source=incident.source, day__in=days_from())
    # Numbers first: the index holds all that is asked for, however many there are.
    newest = found.exclude(pk=incident.pk).order_by("-last_seen").values_list("pk", flat=True)
    pks = list(newest[: _bounded(count)])
    return list(_shown(Incident.objects.filter(pk__in=pks)).order_by("-last_seen"))


def last_change() -> int:
    """Return the number of the newest change; 0 before the first."""
    return ChangeCounter.objects.values_list("value", flat=True).filter(pk=1).first() or 0


def describe_incident(row: Incident) -> dict[str, Any]:
    """Return the incident for people and API clients, as JSON values."""
    return {
        "id": row.pk,
        "token": row.token.token_id if row.token else None,
        "kind": row.kind,
        "memo": row.memo,
        "source": readable(row.source),
        "source_facts": row.source_facts,
        "resolver": readable(row.resolver),
        "headline": row.headline,
        "first_seen": show_time(row.first_seen),
        "last_seen": show_time(row.last_seen),
        "touches": row.touches,
        "state": row.state,
        "acknowledged_by": _name(row.acknowledged_by),
        "acknowledged_at": show_time(row.acknowledged_at),
        "closed_by": _name(row.closed_by),
        "closed_at": show_time(row.closed_at),
        "changed": row.changed,
        "page": f"{load_deployment().settings.console_base}/incidents/{row.pk}",
    }


def describe_touch_row(row: IncidentTouch) -> dict[str, Any]:
    """Return one touch beneath an incident as JSON values, its evidence as it was recorded."""
    return {
        "id": row.pk,
        "touch": row.touch_id,
        "at": show_time(row.at),
        "channel": row.channel,
        "source": readable(row.source),
        "summary": row.summary,
        "facts": row.facts,
        "evidence": row.evidence,
    }


def _shown(found: QuerySet[Incident]) -> QuerySet[Incident]:
    # A token's options may be long, and are not shown at an incident.
    related = found.select_related("token", "acknowledged_by", "closed_by")
    return related.defer("token__options")


def _conditions(search: IncidentSearch, cursor: int | None) -> dict[str, Any]:
    """Return what has to hold for the incident's own columns, as Django's look-ups."""
    found: dict[str, Any] = {}
    if search.state is not None:
        found["state"] = search.state.value
    if search.kind is not None:
        found["kind"] = search.kind
    if search.source is not None:
        found["source"] = search.source
    if search.token_id is not None:
        token = Token.objects.filter(token_id=search.token_id.lower())
        found["token_id"] = token.values_list("pk", flat=True).first() or 0
    if search.changed_after is not None:
        found["changed__gt"] = min(max(search.changed_after, cursor or 0), NUMBER_MAX)
    elif cursor is not None:
        found["id__lt"] = min(cursor, NUMBER_MAX)
    return found


def _words(text: str) -> list[str]:
    """Split at blanks, and drop what holds nothing that the index knows."""
    words = [word.replace("\0", "")[:WORD_LENGTH_MAX] for word in text.split()]
    return [word for word in words if re.search(r"[^\W_]", word)][:WORDS_MAX]


def _search_index(
    words: Sequence[str], conditions: Mapping[str, Any], is_feed: bool, count: int
) -> list[int]:
    """Walk the full-text index from the newest incident on; it is read no further than needed.

    A quoted word is a phrase to FTS5, so that an address stays together.
    """
    where = "console_incident_search MATCH %s"
    for name in conditions:
        column, _, comparison = name.partition("__")
        where += f" AND i.{column} {_COMPARISONS[comparison]} %s"
    order = "i.changed" if is_feed else "console_incident_search.rowid DESC"
    statement = (
        "SELECT i.id FROM console_incident_search"  # noqa: S608
        " CROSS JOIN console_incident i ON i.id = console_incident_search.rowid"
        f" WHERE {where} ORDER BY {order} LIMIT %s"
    )
    phrases = " ".join('"' + word.replace('"', '""') + '"*' for word in words)
    with connection.cursor() as cursor:
        cursor.execute(statement, [phrases, *conditions.values(), count])
        return [pk for (pk,) in cursor.fetchall()]


_COMPARISONS = {"": "=", "gt": ">", "lt": "<"}


def _bounded(count: int) -> int:
    return max(0, min(count, PAGE_MAX))


def _name(who: User | None) -> str | None:
    return who.get_username() if who else None
