"""What every page shows around its content."""

from typing import Any

from django.http import HttpRequest

from serinus.console.actions.finding import last_change
from serinus.console.models import Incident
from serinus.console.models.incidents import State
from serinus.console.pages.access import is_owner

COUNT_MAX = 99
"""New incidents that are counted; past it a person knows that it is a flood."""


def describe_visit(request: HttpRequest) -> dict[str, Any]:
    """Return the counters and rights of whoever is signed in; nothing for strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    # First the number, then what it stands for: a change between the two is told again.
    number = last_change()
    new = Incident.objects.filter(state=State.NEW)[: COUNT_MAX + 1].count()
    return {
        "last_change": number,
        "new_count": f"{COUNT_MAX}+" if new > COUNT_MAX else str(new) if new else "",
        "is_owner": is_owner(request),
    }
