"""What people change while the programs run: how touches are gathered, and how long they stay.

A stored value that is no longer lawful counts as not stored, so that no old row stops a program.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.db import transaction

from serinus.base.errors import OperatorError
from serinus.console.models import ConsoleSetting, User

DAY_S = 24 * 3600

log = logging.getLogger(__name__)


def preference(label: str, help: str, unit: str, default: int, min: int, max: int) -> Any:
    """Declare one preference: a whole number with its unit and bounds."""
    about = {"label": label, "help": help, "unit": unit, "min": min, "max": max}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Every preference there is.

    Raises:
        OperatorError: Names the field whose value is out of bounds.
    """

    incident_window_s: int = preference(
        "Incident window",
        "A source that is silent at a token for longer comes back as a new incident.",
        "seconds",
        default=900,
        min=60,
        max=7 * DAY_S,
    )
    digest_s: int = preference(
        "Digest interval",
        "Further touches of an incident that was told already are told at most this often.",
        "seconds",
        default=900,
        min=60,
        max=DAY_S,
    )
    keep_touches_days: int = preference(
        "Ledger retention",
        "The ledger keeps touches this long after they were read; incidents keep their own copy.",
        "days",
        default=30,
        min=1,
        max=3650,
    )

    def __post_init__(self) -> None:
        for declared in fields(self):
            about, value = declared.metadata, getattr(self, declared.name)
            if type(value) is not int or not about["min"] <= value <= about["max"]:
                bounds = f"from {about['min']} to {about['max']} {about['unit']}"
                raise OperatorError(f"{about['label']} is a whole number {bounds}.", declared.name)


def read_preferences() -> Preferences:
    """Return what people chose, and the defaults for the rest."""
    return _lawful(
        dict(ConsoleSetting.objects.filter(name__in=_NAMES).values_list("name", "value"))
    )


def change_preferences(values: Mapping[str, Any], who: User | None) -> Preferences:
    """Change what is given and nothing else; numbers may come as text, as a form sends them.

    Raises:
        OperatorError: Names the field that is unknown or out of bounds; nothing has changed.
    """
    given = {name: _read_number(value) for name, value in values.items()}
    for name in given:
        if name not in _NAMES:
            known = ", ".join(_NAMES)
            raise OperatorError(f"There is no preference {name[:80]!r}; there are {known}.", name)
    Preferences(**given)
    with transaction.atomic():
        for name, value in given.items():
            ConsoleSetting.objects.update_or_create(name=name, defaults={"value": value})
    log.info("preferences: %s by %s", given, who.pk if who else "operator")
    return read_preferences()


_NAMES = tuple(declared.name for declared in fields(Preferences))


def _lawful(stored: Mapping[str, Any]) -> Preferences:
    values = asdict(Preferences())
    for name, value in stored.items():
        try:
            values[name] = getattr(Preferences(**{name: value}), name)
        except OperatorError:
            log.warning("preferences: the stored %s is not lawful; the default holds", name)
    return Preferences(**values)


def _read_number(value: Any) -> Any:
    """Return the number that a text of ASCII digits stands for, and anything else as it is."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return value
