"""How much a run does, and where it does it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run.

    Attributes:
        scratch: A folder of this run alone, on a real disk.
        rounds: Rounds of each comparison.
        round_s: Seconds of load in one round.
        alert_s: Seconds of hits whose alerts are timed.
        worker_hits: Hits of one round of the worker.
        worker_rounds: Rounds of the worker.
        stored: Tokens, and incidents, that "a million" means.
        idle_s: Seconds of doing nothing.
    """

    scratch: Path
    rounds: int = 5
    round_s: float = 3.0
    alert_s: float = 20.0
    worker_hits: int = 20_000
    worker_rounds: int = 7
    stored: int = 1_000_000
    idle_s: float = 30.0

    def folder(self, name: str) -> Path:
        """Return the data folder of one case."""
        return self.scratch / f"data-{name}"


def quick(scratch: Path) -> Plan:
    """Return a plan of about three minutes, for a look while working."""
    return Plan(
        scratch,
        rounds=2,
        round_s=2.0,
        alert_s=5.0,
        worker_hits=6_000,
        worker_rounds=3,
        stored=100_000,
        idle_s=10.0,
    )
