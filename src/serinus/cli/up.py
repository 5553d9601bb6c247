"""`serinus up` and `serinus settings`: settings from flags, environment, files and defaults."""

import os
import sys
from collections.abc import Mapping
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from serinus.base.settings import (
    PREFIX,
    Resolved,
    Settings,
    resolve,
    settings_path,
    write_settings,
)
from serinus.cli.connection import find_data, read_text
from serinus.cli.flags import Flag, with_flags
from serinus.cli.output import AsJSON, Column, print_json, print_table
from serinus.programs.up import SETTINGS_VARIABLE

Config = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings file (TOML); else serinus.toml in the folder."
    ),
]


def up(given: Mapping[str, Any], config: Config = None) -> None:
    """Start everything in the foreground. SIGTERM or Ctrl-C stops it, and nothing is lost."""
    settings = read_all(given, config).settings
    # The programs take their settings from `up` alone, and an API key is none of their business.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ[SETTINGS_VARIABLE] = write_settings(settings)
    # Or `-m` would prefer a folder `serinus` in whatever folder this is.
    environ["PYTHONSAFEPATH"] = "1"
    sys.stdout.flush()
    # In our place, so that what the command line took of memory is free again.
    os.execve(sys.executable, [sys.executable, "-m", "serinus.programs.up"], environ)  # noqa: S606


def settings(given: Mapping[str, Any], config: Config = None, as_json: AsJSON = False) -> None:
    """Print every setting with its source."""
    resolved = read_all(given, config)
    values = asdict(resolved.settings)
    if as_json:
        print_json(
            {name: {"value": values[name], "source": resolved.sources[name]} for name in values}
        )
        return
    print_table(
        [Column("SETTING"), Column("VALUE", wide=True), Column("SOURCE")],
        [(name, value, resolved.sources[name]) for name, value in values.items()],
        "",
    )


def read_all(given: Mapping[str, Any], config: str | None) -> Resolved:
    """Return the settings from flags, the environment and the settings file.

    Raises:
        OperatorError: Names the setting that is wrong and the remedy.
    """
    flags = {
        name: ",".join(value) if isinstance(value, list | tuple) and value else value
        for name, value in given.items()
    }
    path = Path(config) if config else settings_path(find_data(given.get("data"), os.environ))
    toml = read_text(str(path), "The settings file") if config or path.exists() else ""
    return resolve(flags, os.environ, toml, lambda name: Path(name).read_text("utf-8"))


def setting_flags() -> list[Flag]:
    """Return one flag for every setting, in the order of their declaration."""
    return [_flag(declared) for declared in fields(Settings)]


def _flag(declared: "Field[Any]") -> Flag:
    default: Any = declared.default
    help = declared.metadata["help"]
    match default:
        case bool():
            return Flag(declared.name, help, "yes_no")
        case int():
            return Flag(declared.name, help, "number", str(default))
        case tuple():
            help += " Repeat it, or separate with commas."
            return Flag(declared.name, help, "list", ", ".join(default))
        case _:
            return Flag(declared.name, help, "text", default)


UP_COMMAND = with_flags(up, setting_flags(), "up", up.__doc__ or "")
SETTINGS_COMMAND = with_flags(settings, setting_flags(), "settings", settings.__doc__ or "")
