"""An incident in one sentence and one line: who did what to which token."""

from dataclasses import dataclass

from serinus.base.untrusted import readable
from serinus.console.models import Incident
from serinus.console.pages.world import country_name

ALARM = "alarm"
"""The kind of an incident about ourselves; it has neither token nor source."""
MEMO_MAX = 200
"""Characters of a memo in a heading; the page below has the whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """An incident as a list shows it: its row, and texts that are harmless.

    Attributes:
        who: The source's address, or "".
        verb: What it did.
        what: The memo's first line; of an alarm, its headline.
        country: The source's country, or "".
        touched: What was touched.
    """

    row: Incident
    who: str
    verb: str
    what: str
    country: str
    touched: str


def describe_line(row: Incident) -> Line:
    """Return the line of an incident."""
    if row.kind == ALARM:
        return Line(row, "", "", readable(row.headline, MEMO_MAX), "", "")
    return Line(
        row,
        who=readable(row.source),
        verb="fetched" if "http" in row.channels.split(",") else "looked up",
        what=readable((row.memo.splitlines() or [""])[0], MEMO_MAX),
        country=country_name(row.source_facts),
        touched=readable(row.headline),
    )
