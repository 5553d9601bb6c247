"""What the doctor found: one check, how it stands, a sentence, and what to do."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a check stands; `skipped` says why it could not be made."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: What was looked at.
        health: How it stands.
        sentence: What was found.
        remedy: What to do, one step a line; empty where nothing is to be done.
    """

    name: str
    health: Health
    sentence: str
    remedy: tuple[str, ...] = ()

    def describe(self) -> dict[str, object]:
        """Return the check as JSON values."""
        return {**asdict(self), "health": str(self.health), "remedy": list(self.remedy)}


def ok(name: str, sentence: str) -> Check:
    """Return a check that found everything in order."""
    return Check(name, Health.OK, sentence)


def warn(name: str, sentence: str, *remedy: str) -> Check:
    """Return a check that found what somebody should look at."""
    return Check(name, Health.WARN, sentence, remedy)


def fail(name: str, sentence: str, *remedy: str) -> Check:
    """Return a check that found what does not work."""
    return Check(name, Health.FAIL, sentence, remedy)


def skipped(name: str, sentence: str, *remedy: str) -> Check:
    """Return a check that could not be made."""
    return Check(name, Health.SKIPPED, sentence, remedy)
