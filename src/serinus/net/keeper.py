"""What the shells need of a ledger: a place for touches, a count for noise, and its readiness."""

from collections.abc import Callable, Sequence
from typing import Protocol

from serinus.model.touch import Evidence


class Keeper(Protocol):
    """Keeps what one front sees. All of it is called in the event loop's thread."""

    @property
    def ready(self) -> bool:
        """Whether a touch would be taken now.

        While it is not, the shells answer nobody. Were only the touches left without an answer,
        the answered ones would be known to be no ids of ours.
        """

    def keep(self, touches: Sequence[Evidence], done: Callable[[bool], None]) -> None:
        """Make touches durable, all or none, then call back in the loop's thread with whether."""

    def count_noise(self, source: str, count: int) -> None:
        """Count contacts from `source` that held no id of ours."""
