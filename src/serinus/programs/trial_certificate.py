"""Makes the trial certificate: `python -m serinus.programs.trial_certificate DATA`, then ends.

A process of its own, because the library that signs takes more memory than the supervisor may.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from serinus.base.certificates import key_matches, make_certificate, read_certificate
from serinus.base.clock import as_datetime, unix_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, read_settings
from serinus.programs.first_start import write_whole

REMAINING_MIN = timedelta(days=30)
"""A certificate with less life than this is replaced at the next start."""


def main(arguments: Sequence[str]) -> int:
    """Make the certificate unless the one that is there holds; returns the exit status."""
    folder = DataFolder(Path(arguments[0]))
    settings = read_settings(folder.settings.read_text())
    if not _holds(folder, settings):
        chain, key = make_certificate(settings.zones, system_entropy, as_datetime(unix_time()))
        write_whole(folder.trial_certificate_key, key)
        write_whole(folder.trial_certificate, chain)
    return 0


def _holds(folder: DataFolder, settings: Settings) -> bool:
    try:
        chain, key = (
            path.read_bytes() for path in (folder.trial_certificate, folder.trial_certificate_key)
        )
        facts = read_certificate(chain)
        if not key_matches(chain, key):
            return False  # A crash between writing the one and the other.
    except (FileNotFoundError, OperatorError):
        return False
    left = facts.ends_at - as_datetime(unix_time())
    return left > REMAINING_MIN and all("*." + zone in facts.names for zone in settings.zones)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
