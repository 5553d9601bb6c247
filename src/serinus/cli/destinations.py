"""`serinus destination …`: where alerts go, whether they arrive, and sending them again."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any

import typer

from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import Destination, Outcome
from serinus.base.errors import OperatorError
from serinus.cli.client import open_client
from serinus.cli.connection import Data
from serinus.cli.flags import Flag, FlagType, read_flags, with_flags
from serinus.cli.output import AsJSON, Column, print_json, print_line, print_table, show, show_age
from serinus.cli.tokens import All, Limit

DESTINATION = typer.Typer(name="destination", help="Where alerts go, and whether they arrive.")
ADD = typer.Typer(name="add", help="Add a destination. The --help of each kind lists its settings.")

DestinationArgument = Annotated[
    int, typer.Argument(metavar="ID", help="The destination's number, as `list` shows it.")
]
Name = Annotated[str, typer.Option("--name", metavar="TEXT", help="What people call it.")]


@DESTINATION.command("list")
def list_destinations(data: Data = None, as_json: AsJSON = False) -> None:
    """List destinations with their last outcome."""
    page = open_client(data).page("destinations", limit=500, every=True)
    if as_json:
        print_json(page)
        return
    print_table(
        [
            Column("ID", number=True),
            Column("KIND"),
            Column("STATE"),
            Column("LAST"),
            Column("NAME", wide=True),
            Column("OUTCOME", wide=True),
        ],
        [
            (d["id"], d["kind"], _state(d), show_age(d["last_at"]), d["name"], d["last_outcome"])
            for d in page["items"]
        ],
        "No destinations yet: add one with `serinus destination add`.",
    )


@DESTINATION.command("test")
def test_destination(
    destination: DestinationArgument, data: Data = None, as_json: AsJSON = False
) -> None:
    """Send a test alert now. It fails with the server's own words."""
    verdict = open_client(data).post("destinations", destination, "test")
    if as_json:
        print_json(verdict)
    if verdict["outcome"] == Outcome.DELIVERED:
        if not as_json:
            print_line(f"Delivered: {show(verdict['words'])}")
        return
    if as_json:
        raise typer.Exit(1)
    raise OperatorError(f"Not delivered: {show(verdict['words'])}")


@DESTINATION.command("remove")
def remove_destination(
    destination: DestinationArgument, data: Data = None, as_json: AsJSON = False
) -> None:
    """Remove a destination with its log. Tokens that chose it alone alert to all."""
    open_client(data).delete("destinations", destination)
    if as_json:
        print_json({"id": destination, "removed": True})
    else:
        print_line(f"Removed: destination {destination}.")


@DESTINATION.command("log")
def show_log(
    destination: DestinationArgument,
    limit: Limit = 50,
    every: All = False,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """List what was sent to a destination, the newest first."""
    page = open_client(data).page(
        "destinations", destination, "deliveries", limit=limit, every=every
    )
    if as_json:
        print_json(page)
        return
    print_table(
        [
            Column("ID", number=True),
            Column("STATE"),
            Column("ATTEMPTS", number=True),
            Column("AT"),
            Column("ALERT", wide=True),
            Column("ERROR", wide=True),
        ],
        [
            (
                d["id"],
                d["state"],
                d["attempts"],
                show_age(d.get("delivered_at") or d.get("created_at")),
                d["headline"],
                d["last_error"],
            )
            for d in page["items"]
        ],
        "Nothing was sent there yet.",
    )


@DESTINATION.command("resend")
def resend(
    delivery: Annotated[
        int, typer.Argument(metavar="DELIVERY", help="Its number, as `log` shows it.")
    ],
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Send a delivery again that was given up."""
    found = open_client(data).post("deliveries", delivery, "resend")
    if as_json:
        print_json(found)
    else:
        print_line(f"Delivery {delivery} is sent again.")


def setting_flags(kind: Destination) -> list[Flag]:
    """Return one flag for every setting of a kind of destination."""
    return [_flag(declared) for declared in fields(kind.settings)]


def _flag(declared: "Field[Any]") -> Flag:
    types: dict[Any, FlagType] = {int: "number", tuple[str, ...]: "list"}
    required = declared.default is MISSING
    return Flag(
        declared.name,
        f"{declared.metadata['label']}. {declared.metadata['help']}",
        types.get(declared.type, "text"),
        None if required or not declared.default else str(declared.default),
        required,
        declared.metadata["choices"],
        declared.metadata["secret"],
    )


def _add_command(kind: Destination) -> Callable[..., None]:
    def run(
        name: Name, given: Mapping[str, Any], data: Data = None, as_json: AsJSON = False
    ) -> None:
        settings = read_flags(setting_flags(kind), given)
        body = {"kind": kind.name, "name": name, "settings": settings}
        found = open_client(data).post("destinations", body=body)
        if as_json:
            print_json(found)
        else:
            print_line(f"Added: destination {found['id']}, {found['name']}")
            print_line(f"Try it: serinus destination test {found['id']}")

    help = f"Add a destination of kind {kind.name}: {kind.title}."
    return with_flags(run, setting_flags(kind), f"add_{kind.name}", help)


def _state(destination: dict[str, Any]) -> str:
    if not destination["enabled"]:
        return "off"
    return f"failing ({destination['failures']})" if destination["failures"] else "on"


for _kind in DESTINATIONS.values():
    ADD.command(_kind.name)(_add_command(_kind))
DESTINATION.add_typer(ADD)
