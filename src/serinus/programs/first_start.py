"""First start: makes the data folder and draws what must never be the same on two installations.

Everything is written whole or not at all (a new file, synced, then renamed), with mode 0600, and
what is there already is left as it is.
"""

import os
from pathlib import Path

from serinus.base.clock import unix_time
from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.ids import draw_keys, write_keys
from serinus.base.settings import Settings, write_settings
from serinus.model.front import draw_front, write_front

SECRET_SIZE = 32


def prepare(folder: DataFolder, settings: Settings) -> None:
    """Make the data folder ready for every process; raises OSError as the kernel says it."""
    for part in (folder.root, *folder.parts):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_once(folder.id_keys, write_keys(draw_keys(system_entropy)))
    _write_once(folder.front, write_front(draw_front(system_entropy, unix_time())))
    for secret in (folder.site_seed, folder.web_secret, folder.operator_key):
        _write_once(secret, system_entropy(SECRET_SIZE).hex())
    write_whole(folder.settings, write_settings(settings))


def write_whole(path: Path, text: str) -> None:
    """Replace a file so that a reader sees all of the old text or all of the new one."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        write_whole(path, text)
