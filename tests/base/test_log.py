"""A log line is one JSON object on one line, whatever the message holds."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.log import JSONLines, start_log


def record(message: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("serinus", level, __file__, 1, message, None, None)


@given(st.text(st.characters(exclude_categories=())))
def test_any_message_is_one_line_that_reads_back(message: str) -> None:
    line = JSONLines("edge").format(record(message))
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert json.loads(line)["message"] == message


def test_a_line_says_when_how_grave_and_from_where() -> None:
    given_record = record("Ledger full.", logging.WARNING)
    given_record.created = 1_700_000_000.25
    assert json.loads(JSONLines("edge").format(given_record)) == {
        "at": "2023-11-14T22:13:20.250+00:00",
        "level": "warning",
        "from": "edge",
        "message": "Ledger full.",
    }


def test_a_traceback_goes_into_a_field_of_its_own() -> None:
    given_record = record("Failed.")
    try:
        raise ValueError("here")
    except ValueError:
        given_record.exc_info = sys.exc_info()
    line = JSONLines("edge").format(given_record)
    assert len(line.splitlines()) == 1
    assert "ValueError: here" in json.loads(line)["traceback"]


def test_a_log_goes_to_standard_error_from_its_level_upwards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # Else force=True would close pytest's own.
    try:
        start_log("worker", "warning")
        logging.info("too low")
        logging.warning("high enough")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [json.loads(line)["message"] for line in captured.err.splitlines()] == ["high enough"]
