"""`serinus key …` and `serinus invite`: who else may enter."""

from typing import Annotated

import typer

from serinus.cli.client import open_client
from serinus.cli.connection import Data
from serinus.cli.output import AsJSON, Column, print_json, print_line, print_table, show_age

KEY = typer.Typer(name="key", help="Keys for API clients.")


@KEY.command("add")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what uses it.")],
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Make a key that may do what you may. It is shown this once."""
    found = open_client(data).post("keys", body={"name": name})
    if as_json:
        print_json(found)
    else:
        print_line(found["key"])


@KEY.command("list")
def list_keys(data: Data = None, as_json: AsJSON = False) -> None:
    """List the keys that there are."""
    page = open_client(data).page("keys", limit=500, every=True)
    if as_json:
        print_json(page)
        return
    print_table(
        [Column("ID", number=True), Column("MADE"), Column("USED"), Column("NAME", wide=True)],
        [
            (key["id"], show_age(key["created_at"]), show_age(key["last_used_at"]), key["name"])
            for key in page["items"]
        ],
        "No keys yet: make one with `serinus key add NAME`.",
    )


@KEY.command("revoke")
def revoke_key(
    key: Annotated[int, typer.Argument(metavar="ID", help="Its number, as `list` shows it.")],
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """End a key at once."""
    open_client(data).delete("keys", key)
    if as_json:
        print_json({"id": key, "revoked": True})
    else:
        print_line(f"Revoked: key {key}.")


def invite(
    role: Annotated[str, typer.Argument(metavar="owner|colleague", help="What they may do.")],
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Print a link for a new account. It is good for one person and one day."""
    found = open_client(data).post("invitations", body={"role": role})
    if as_json:
        print_json(found)
    else:
        print_line(found["link"])
