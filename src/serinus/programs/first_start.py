"""First start: makes the data folder and draws what must never be the same on two installations.

Everything is written whole or not at all (a new file, synced, then renamed), with mode 0600, and
what is there already is left as it is. `python -m serinus.programs.first_start DATA` does so with
the settings of `SERINUS_*` and of the folder's `serinus.toml`, where no supervisor starts the
processes (systemd).
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from serinus.base.clock import unix_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.ids import draw_keys, write_keys
from serinus.base.settings import Settings, resolve, settings_path, write_settings
from serinus.model.front import draw_front, write_front

SECRET_SIZE = 32
CERTIFICATE_S = 30.0
"""Making a certificate takes a second; a machine that takes longer than this is in trouble."""


def prepare_deployment(folder: DataFolder, settings: Settings) -> Settings:
    """Make the data folder and, where the operator gave no certificate, one for trials.

    Returns:
        The settings as every process reads them, with the folder's whole path.

    Raises:
        OperatorError: No certificate could be made.
        OSError: The folder cannot be written.
    """
    settings = replace(settings, data=str(folder.root))
    prepare(folder, settings)
    if settings.certificate or not settings.https:
        return settings
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "serinus.programs.trial_certificate", str(folder.root)],
        check=False,
        timeout=CERTIFICATE_S,
    )
    if not folder.trial_certificate.exists():
        raise OperatorError(
            "No trial certificate could be made; give --certificate and --certificate-key.",
            "certificate",
        )
    return settings


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
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable: a key whose name a power cut loses is lost."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        write_whole(path, text)


def main(arguments: Sequence[str]) -> int:
    """Make the data folder ready; returns the exit status."""
    folder = DataFolder(Path(arguments[0]).absolute())
    try:
        file = settings_path(str(folder.root))
        toml = file.read_text("utf-8") if file.exists() else ""
        resolved = resolve({}, os.environ, toml, lambda path: Path(path).read_text("utf-8"))
        prepare_deployment(folder, resolved.settings)
    except (OperatorError, OSError, UnicodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
