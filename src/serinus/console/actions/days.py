"""The days by which the indexes over incidents begin.

An index that begins with the day is written where today's incidents lie, however many there are of
other days; one that begins with a token or an address is written all over, and each row costs pages
of its own. Whoever reads names the days that it wants, and pays a look-up for each.
"""

from datetime import UTC, datetime

from django.db.models.expressions import RawSQL

DAY_MIN = -(10**6)
"""Before the first day that Python knows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# From the newest day to the one before it, and so on: one look-up for each day that there is.
_DAYS = """
WITH RECURSIVE days(day) AS (
    SELECT max(day) FROM console_incident
    UNION ALL
    SELECT (SELECT max(i.day) FROM console_incident i WHERE i.day < days.day)
    FROM days WHERE days.day > %s
)
SELECT day FROM days WHERE day >= %s
"""


def day_of(at: datetime) -> int:
    """Return the number of the day, in UTC, since 1970."""
    return (at - _EPOCH).days


def days_from(first: int = DAY_MIN) -> RawSQL:
    """Return the days from `first` on that incidents were last seen on; for `day__in`."""
    return RawSQL(_DAYS, (first, first))  # noqa: S611 - it is a constant
