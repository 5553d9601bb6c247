"""Runs one harness with Hypothesis: `python -m fuzz.hypothesis_engine NAME SECONDS CRASHES`."""

import sys
import time
from hashlib import sha256
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.parsers import HARNESSES, Harness

ROUND = 2000
"""Inputs between two looks at the clock."""
EDITS_MAX = 8


def inputs(harness: Harness) -> st.SearchStrategy[bytes]:
    """Return any bytes, and seeds with pieces cut out, doubled and overwritten."""
    edit = st.tuples(st.integers(0, 200), st.integers(0, 200), st.binary(max_size=20))

    def apply(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
        for start, size, new in edits:
            seed = seed[:start] + new + seed[start + size :]
        return seed

    edited = st.builds(apply, st.sampled_from(harness.seeds), st.lists(edit, max_size=EDITS_MAX))
    return st.one_of(edited, edited, st.binary(max_size=1000))


def run(name: str, seconds: float, crashes: Path) -> int:
    """Run until the time is over or an input breaks the law; returns the number of inputs."""
    harness, count, last = HARNESSES[name], 0, b""

    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(harness))
    def try_once(data: bytes) -> None:
        nonlocal count, last
        count, last = count + 1, data
        harness.fuzz(data)

    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            try_once()
    except BaseException:
        # Hypothesis ends with the smallest input that it found.
        (crashes / f"{name}-crash-{sha256(last).hexdigest()[:16]}").write_bytes(last)
        raise
    finally:
        print(f"executions: {count}", flush=True)
    return count


if __name__ == "__main__":
    run(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
