"""The one place that reads the machine's clock. Cores get `now` as an argument."""

import time
from datetime import UTC, datetime


def unix_time() -> float:
    """Seconds since 1970-01-01T00:00:00Z."""
    return time.time()


def monotonic_time() -> float:
    """Seconds that never go backwards, for timeouts."""
    return time.monotonic()


def as_datetime(at: float) -> datetime:
    """The aware UTC datetime of a Unix time in seconds."""
    return datetime.fromtimestamp(at, UTC)
