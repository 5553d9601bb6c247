"""The fuzz harnesses hold for the inputs that they begin from, so that none of them rots."""

import pytest
from fuzz.parsers import HARNESSES

SEEDS = [(name, seed) for name, harness in HARNESSES.items() for seed in harness.seeds]


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_a_harness_holds_for_its_seeds_whole_and_cut_short(name: str, seed: bytes) -> None:
    for size in range(len(seed) + 1):
        HARNESSES[name].fuzz(seed[:size])
