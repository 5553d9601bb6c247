"""`serinus backup` and `serinus restore`: they work on the data folder itself."""

import os
from pathlib import Path
from typing import Annotated

import typer

from serinus.base.folder import DataFolder
from serinus.cli.connection import Data, find_data
from serinus.cli.output import AsJSON, print_json, print_line
from serinus.programs.backup import restore_backup, write_backup

File = Annotated[str, typer.Argument(metavar="FILE", help="The backup.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Move a data folder that is not empty aside.")
]


def backup(file: File, data: Data = None, as_json: AsJSON = False) -> None:
    """Write everything that cannot be drawn again to one new file; Serinus may run meanwhile.

    It holds keys and secrets: keep it as you keep the data folder.
    """
    path = Path(file).absolute()
    found = write_backup(_folder(data), path)
    if as_json:
        print_json({"file": str(path), "size": path.stat().st_size, **found.describe()})
        return
    print_line(f"Wrote and verified {path}, {path.stat().st_size} bytes, of {found.at}.")


def restore(
    file: File, data: Data = None, replace: Replace = False, as_json: AsJSON = False
) -> None:
    """Make a data folder from a backup; planted tokens trip again, at the same URLs."""
    folder = _folder(data)
    found, aside = restore_backup(Path(file).absolute(), folder, replace)
    if as_json:
        print_json(
            {
                "data": str(folder.root),
                "aside": str(aside) if aside else None,
                **found.describe(),
            }
        )
        return
    print_line(f"Restored {folder.root} as of {found.at}, written by Serinus {found.version}.")
    if aside:
        print_line(f"What was there lies in {aside}.")
    print_line("Start `serinus up` with the flags that you used before.")


def _folder(data: str | None) -> DataFolder:
    return DataFolder(Path(find_data(data, os.environ)).absolute())
