"""`serinus token …`: mint, find, show, change and switch tokens."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from serinus.base.errors import OperatorError
from serinus.cli.client import Client, open_client
from serinus.cli.connection import Data
from serinus.cli.flags import FILE_SIZE_MAX, Flag, FlagType, read_flags, with_flags
from serinus.cli.output import (
    AsJSON,
    Column,
    print_facts,
    print_json,
    print_line,
    print_table,
    print_title,
    show_age,
    write_bytes,
)
from serinus.tokens.catalogue import KINDS
from serinus.tokens.kind import Kind, OptionField, describe_kind, options_schema

TOKEN = typer.Typer(name="token", help="Mint tokens, find them, switch them.")
MINT = typer.Typer(name="mint", help="Mint a token. The --help of each kind lists its options.")

TokenArgument = Annotated[str, typer.Argument(metavar="ID", help="The token's id.")]
Memo = Annotated[str, typer.Option("--memo", metavar="TEXT", help="What is planted, and where.")]
Destinations = Annotated[
    list[int] | None,
    typer.Option(
        "--destination",
        metavar="ID",
        help="Alert to this destination alone; repeat it for more. Default: to all.",
    ),
]
ArtefactName = Annotated[
    str | None, typer.Option("--artefact", metavar="NAME", help="Give this artefact alone.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="Write the artefact there, not to the screen."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=500, help="How many, at most.")]
All = Annotated[bool, typer.Option("--all", help="Every one, however many.")]


def mint(
    memo: Memo,
    given: Mapping[str, Any],
    kind: Kind,
    destination: Sequence[int] | None,
    artefact: str | None,
    output: str | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Mint one token of a kind, and print what to plant."""
    _check_artefact(artefact, output, as_json)
    client = open_client(data)
    body: dict[str, Any] = {
        "kind": kind.name,
        "memo": memo,
        "options": read_flags(option_flags(kind), given),
    }
    if destination:
        body["destinations"] = list(destination)
    token = client.post("tokens", body=body)
    _give(client, token, artefact, output, as_json)


@TOKEN.command("list")
def list_tokens(
    text: Annotated[
        str | None, typer.Option("--text", metavar="WORDS", help="Words of the memo or the id.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only this kind.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="enabled|disabled|deleted", help="Only this state."),
    ] = None,
    limit: Limit = 50,
    every: All = False,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """List tokens, the newest first. Deleted ones show with --state deleted alone."""
    page = open_client(data).page(
        "tokens", limit=limit, every=every, text=text, kind=kind, state=state
    )
    if as_json:
        print_json(page)
        return
    print_table(
        [
            Column("ID"),
            Column("KIND"),
            Column("STATE"),
            Column("TOUCHES", number=True),
            Column("LAST"),
            Column("MEMO", wide=True),
        ],
        [
            (t["id"], t["kind"], _state(t), t["touches"], show_age(t["last_seen"]), t["memo"])
            for t in page["items"]
        ],
        "No tokens yet: mint one with `serinus token mint web --memo 'What, and where'`."
        if not (text or kind or state)
        else "No token is like that.",
    )


@TOKEN.command("show")
def show_token(
    token: TokenArgument,
    artefact: ArtefactName = None,
    output: Output = None,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Show a token, and what to plant."""
    _check_artefact(artefact, output, as_json)
    client = open_client(data)
    found = client.get("tokens", token)
    if artefact is None and not as_json:
        print_title(found["memo"])
        _print_token_facts(found)
        print_line()
    _give(client, found, artefact, output, as_json)


@TOKEN.command("change")
def change_token(
    token: TokenArgument,
    memo: Annotated[
        str | None, typer.Option("--memo", metavar="TEXT", help="What is planted, and where.")
    ] = None,
    destination: Destinations = None,
    all_destinations: Annotated[
        bool, typer.Option("--all-destinations", help="Alert to all destinations again.")
    ] = False,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Change a token's memo, or where it alerts to."""
    body: dict[str, Any] = {} if memo is None else {"memo": memo}
    if destination and all_destinations:
        raise OperatorError("Give --destination or --all-destinations, not both.", "destination")
    if destination or all_destinations:
        body["destinations"] = list(destination or ())
    if not body:
        raise OperatorError("Nothing to change: give --memo or --destination.")
    _say_done(open_client(data).patch("tokens", token, body=body), "Changed", as_json)


@TOKEN.command("enable")
def enable_token(token: TokenArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Let a token alert again."""
    found = open_client(data).patch("tokens", token, body={"enabled": True})
    _say_done(found, "Enabled", as_json)


@TOKEN.command("disable")
def disable_token(token: TokenArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Let a token alert no more. Whoever touches it sees no difference."""
    found = open_client(data).patch("tokens", token, body={"enabled": False})
    _say_done(found, "Disabled", as_json)


@TOKEN.command("delete")
def delete_token(token: TokenArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Delete a token; `undelete` takes it back."""
    client = open_client(data)
    client.delete("tokens", token)
    _say_done(client.get("tokens", token), "Deleted", as_json)


@TOKEN.command("undelete")
def undelete_token(token: TokenArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Take a deleted token back."""
    found = open_client(data).post("tokens", token, "undelete")
    _say_done(found, "Taken back", as_json)


@TOKEN.command("carry")
def carry(
    token: TokenArgument,
    via: Annotated[
        str | None, typer.Option("--via", metavar="http|dns", help="Only what needs no more.")
    ] = None,
    program: Annotated[
        str | None, typer.Option("--program", metavar="NAME", help="Only with this program.")
    ] = None,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Print lines for scripts by which a touch tells who ran what, and where."""
    found = open_client(data).get("tokens", token, "carry")["items"]
    wanted = [s for s in found if via in (None, s["via"]) and program in (None, s["name"])]
    if not wanted:
        ways = sorted({f"--via {s['via']} --program {s['name']}" for s in found})
        raise OperatorError(f"There is no such snippet; there are {', '.join(ways)}.", "program")
    if as_json:
        print_json({"items": wanted})
        return
    for snippet in wanted:
        untried = "" if snippet["proof"] == "proven" else "; no test has tried it"
        print_title(f"# {snippet['name']}, over {snippet['via'].upper()}{untried}")
        for line in snippet["text"].splitlines():
            print_line(line)
        print_line()


@TOKEN.command("kinds")
def list_kinds(as_json: AsJSON = False) -> None:
    """List the kinds of tokens."""
    if as_json:
        print_json({"items": [describe_kind(kind) for kind in KINDS]})
        return
    print_table(
        [Column("KIND"), Column("WHAT IT IS", wide=True), Column("PROVEN WITH", wide=True)],
        [(k.name, k.summary, ", ".join(k.proof.clients) or "unverified") for k in KINDS],
        "",
    )


def option_flags(kind: Kind) -> list[Flag]:
    """Return one flag for every option of a kind."""
    return [_flag(known) for known in options_schema(kind)]


def _flag(known: OptionField) -> Flag:
    types: dict[str, FlagType] = {"file": "file", "yes_no": "yes_no", "number": "number"}
    return Flag(
        known.name,
        known.help,
        types.get(known.type, "text"),
        str(known.default) if known.default and known.type != "yes_no" else None,
        known.required,
        known.choices,
        known.secret,
        known.max if known.type == "file" and known.max else FILE_SIZE_MAX,
    )


def _mint_command(kind: Kind) -> Callable[..., None]:
    def run(
        memo: Memo,
        given: Mapping[str, Any],
        destination: Destinations = None,
        artefact: ArtefactName = None,
        output: Output = None,
        data: Data = None,
        as_json: AsJSON = False,
    ) -> None:
        mint(memo, given, kind, destination, artefact, output, data, as_json)

    return with_flags(run, option_flags(kind), f"mint_{kind.name}", kind.summary)


def _check_artefact(artefact: str | None, output: str | None, as_json: bool) -> None:
    if output is not None and artefact is None:
        raise typer.BadParameter("--output needs --artefact NAME")
    if as_json and artefact is not None and output in (None, "-"):
        raise typer.BadParameter("--json with --artefact needs --output FILE")


def _give(
    client: Client, token: dict[str, Any], artefact: str | None, output: str | None, as_json: bool
) -> None:
    """Give one artefact, the token's JSON, or everything that can be planted."""
    if artefact is not None:
        _write_artefact(client, token, artefact, output)
    if as_json:
        print_json(token)
    elif artefact is None:
        _print_artefacts(token)


def _write_artefact(client: Client, token: dict[str, Any], name: str, output: str | None) -> None:
    names = [found["name"] for found in token["artefacts"]]
    if name not in names:
        raise OperatorError(
            f"The token {token['id']} has no artefact {name!r}; it has {', '.join(names)}.",
            "artefact",
        )
    write_bytes(client.download("tokens", token["id"], "artefacts", name), output)


def _print_artefacts(token: dict[str, Any]) -> None:
    for artefact in token["artefacts"]:
        print_title(artefact["label"])
        if artefact["value"] is not None and artefact["file_name"] is None:
            for line in artefact["value"].splitlines():
                print_line(line)
        else:
            name = artefact["name"]
            print_line(
                f"serinus token show {token['id']} --artefact {name} "
                f"--output {artefact['file_name'] or name}"
            )
        print_line()
    commands = [command for command in token["trip"].values() if command]
    if commands:
        print_title("Trip it now")
        for command in commands:
            print_line(command)


def _print_token_facts(token: dict[str, Any]) -> None:
    print_facts(
        [
            ("Id", token["id"]),
            ("Kind", token["kind"]),
            ("State", _state(token)),
            ("Minted", token["created_at"]),
            ("Touches", token["touches"]),
            ("Last touch", token["last_seen"]),
            ("Options", {name: value for name, value in token["options"].items() if value}),
            ("Destinations", token["destinations"] or "all"),
            ("Page", token["page"]),
        ]
    )


def _say_done(token: dict[str, Any], what: str, as_json: bool) -> None:
    if as_json:
        print_json(token)
    else:
        print_line(f"{what}: {token['id']}, {token['memo'].splitlines()[0]}")


def _state(token: dict[str, Any]) -> str:
    if token["deleted"]:
        return "deleted"
    return "enabled" if token["enabled"] else "disabled"


for _kind in KINDS:
    MINT.command(_kind.name)(_mint_command(_kind))
TOKEN.add_typer(MINT)
