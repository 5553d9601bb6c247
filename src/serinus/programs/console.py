"""The Console: pages and API for people and their programs, in one process.

`python -m serinus.programs.console DATA` serves until SIGTERM, then ends with status 0. It listens
on the Console's address and nowhere else.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.log import start_log
from serinus.base.settings import Settings, read_settings
from serinus.programs.django_start import start_django
from serinus.programs.lifeline import hold_lifeline

CORE = "serinus.programs.console_core"
"""Imported once Django is set up, because it knows models."""

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; returns the exit status."""
    folder = DataFolder(Path(arguments[0]))
    settings = read_settings(folder.settings.read_text())
    start_log("console", settings.log_level)
    hold_lifeline()
    try:
        start_django(folder)
        serve: Callable[[Settings], None] = import_module(CORE).serve
        serve(settings)
    except (OSError, OperatorError) as error:
        _log.error("The Console cannot start: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
