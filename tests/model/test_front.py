"""The face of a deployment: its own, and readable for good."""

import dataclasses
import json
import os

import pytest

from serinus.base.errors import OperatorError
from serinus.model.front import draw_front, read_front, write_front


def test_what_is_written_is_read_back() -> None:
    front = draw_front(os.urandom, 1.7e9)
    assert read_front(write_front(front)) == front


def test_two_deployments_share_no_face() -> None:
    fronts = [draw_front(os.urandom, 1.7e9) for _ in range(40)]
    for field in dataclasses.fields(fronts[0]):
        assert len({getattr(front, field.name) for front in fronts}) > 1, field.name


def test_timers_of_a_zone_are_in_a_lawful_order() -> None:
    for _ in range(40):
        refresh, retry, expire = draw_front(os.urandom, 1.7e9).soa_times
        assert retry < refresh < expire


def test_a_file_from_before_mailbox_and_timers_keeps_what_its_zones_said() -> None:
    written = json.loads(write_front(draw_front(os.urandom, 1.7e9)))
    del written["mailbox"], written["soa_times"]
    front = read_front(json.dumps(written))
    assert (front.mailbox, front.soa_times) == ("hostmaster", (86_400, 7_200, 3_600_000))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dialect": "nginx"}'])
def test_a_damaged_file_is_said_so(text: str) -> None:
    with pytest.raises(OperatorError, match="damaged"):
        read_front(text)
