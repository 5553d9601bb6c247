"""Logs for operators: one JSON object a line, best effort, no secrets, never evidence."""

import json
import logging
import sys
from datetime import UTC, datetime


class JSONLines(logging.Formatter):
    """Format a record as one line of JSON with `at`, `level`, `from` and `message`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback, if any, goes into `traceback`."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": self._process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # ASCII alone: C1 controls and U+2028 would steer a terminal or break the line.
        return json.dumps(line, ensure_ascii=True)


def start_log(process: str, level: str) -> None:
    """Send this process's log to standard error as JSON lines, from `level` upwards."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
