"""`serinus doctor`: every check with what was found and how to mend it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, read_settings
from serinus.cli.client import Client
from serinus.cli.connection import Data, find_console, find_data
from serinus.cli.output import AsJSON, print_json, print_line
from serinus.cli.up import read_all
from serinus.net.resolver import read_resolver
from serinus.programs.doctor.check import Check, Health
from serinus.programs.doctor.examine import Visit, examine

Resolver = Annotated[
    str | None,
    typer.Option(
        "--resolver",
        metavar="ADDRESS[:PORT]",
        help="Resolver to look for the zones with; else the machine's own.",
    ),
]
SendTest = Annotated[
    bool, typer.Option("--send-test", help="Send a test alert to every destination.")
]


def doctor(
    data: Data = None,
    resolver: Resolver = None,
    send_test: SendTest = False,
    as_json: AsJSON = False,
) -> None:
    """Check everything from the disk to the alert, and say how to mend what is wrong."""
    folder = DataFolder(Path(find_data(data, os.environ)).absolute())
    visit = Visit(
        folder,
        _read_settings(folder),
        _find_api(folder),
        read_resolver(resolver) if resolver else None,
        send_test,
    )
    checks = []
    for check in examine(visit):
        checks.append(check)
        if not as_json:
            _print_check(check)
    failed = [check for check in checks if check.health is Health.FAIL]
    if as_json:
        print_json({"ok": not failed, "checks": [check.describe() for check in checks]})
    if failed:
        raise typer.Exit(1)


def _print_check(check: Check) -> None:
    print_line(f"{check.health:<7}  {check.name}: {check.sentence}")
    for line in check.remedy:
        print_line(f"{'':9}{line}")


def _read_settings(folder: DataFolder) -> Settings:
    """Return the settings that the instance runs with, or those that it would start with."""
    try:
        return read_settings(folder.settings.read_text("utf-8"))
    except FileNotFoundError:
        return read_all({"data": str(folder.root)}, None).settings
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"{folder.settings} cannot be read ({error}): run this as the user that runs "
            f"`serinus up`, or start it again.",
            "data",
        ) from error


def _find_api(folder: DataFolder) -> Client | None:
    """Return a client of the folder's Console, or None where that does not answer."""
    try:
        client = Client(find_console(str(folder.root)))
        client.get("kinds")
    except OperatorError:
        return None
    return client
