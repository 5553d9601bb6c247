"""The worker: `python -m serinus.programs.worker DATA` turns touches into incidents and alerts.

It reads the ledger and writes the database, listens nowhere, and serves until SIGTERM. What it had
not finished when it was killed it does again; what it had finished it knows.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from django.utils.module_loading import import_string

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.log import start_log
from serinus.base.settings import read_settings
from serinus.programs.django_start import start_django
from serinus.programs.lifeline import hold_lifeline

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Work until told to stop; returns the exit status."""
    folder = DataFolder(Path(arguments[0]).absolute())
    # Until the settings are known to be readable, so that what is wrong with them can be said.
    start_log("worker", "info")
    hold_lifeline()
    try:
        start_django(folder)
        start_log("worker", read_settings(folder.settings.read_text("utf-8")).log_level)
        run: Callable[[], None] = import_string("serinus.console.worker.loop.run")
        run()
    except OperatorError as error:
        _log.error("The worker cannot start: %s", error.sentence)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
