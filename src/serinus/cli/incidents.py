"""`serinus incident …`: what was touched, by whom, and what became of it."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from serinus.alerts.source import facts_rows
from serinus.base.untrusted import readable
from serinus.cli.client import PAGE_SIZE, Client, open_client
from serinus.cli.connection import Data
from serinus.cli.export import FORMATS, export_incidents
from serinus.cli.output import (
    AsJSON,
    Column,
    print_facts,
    print_json,
    print_line,
    print_table,
    print_title,
    show,
    show_age,
)
from serinus.cli.tokens import All, Limit
from serinus.tokens.carried.lookup import Message
from serinus.tokens.describe import shown

INCIDENT = typer.Typer(name="incident", help="What was touched, by whom, what became of it.")

WATCH_S = 2.0
"""Between two looks: soon enough for a person, and idle for the Console."""

LABEL_MAX = 40
"""Characters of the name of a piece of evidence."""

IncidentArgument = Annotated[
    int, typer.Argument(metavar="ID", help="The incident's number, as `list` shows it.")
]
Text = Annotated[
    str | None, typer.Option("--text", metavar="WORDS", help="Words of memo, source or headline.")
]
State = Annotated[
    str | None,
    typer.Option("--state", metavar="new|acknowledged|closed", help="Only this state."),
]
KindName = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="Only tokens of this kind.")
]
TokenId = Annotated[str | None, typer.Option("--token", metavar="ID", help="Only this token.")]
Source = Annotated[
    str | None, typer.Option("--source", metavar="ADDRESS", help="Only from this address.")
]


@INCIDENT.command("list")
def list_incidents(
    text: Text = None,
    state: State = None,
    kind: KindName = None,
    token: TokenId = None,
    source: Source = None,
    limit: Limit = 50,
    every: All = False,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """List incidents, the newest first."""
    page = open_client(data).page(
        "incidents",
        limit=limit,
        every=every,
        text=text,
        state=state,
        kind=kind,
        token=token,
        source=source,
    )
    if as_json:
        print_json(page)
        return
    filtered = any((text, state, kind, token, source))
    print_table(
        [
            Column("ID", number=True),
            Column("STATE"),
            Column("KIND"),
            Column("SOURCE"),
            Column("TOUCHES", number=True),
            Column("LAST"),
            Column("MEMO", wide=True),
        ],
        [
            (
                i["id"],
                i["state"],
                i["kind"],
                i["source"],
                i["touches"],
                show_age(i["last_seen"]),
                i["memo"],
            )
            for i in page["items"]
        ],
        "No incident is like that." if filtered else "No incidents: nobody touched anything yet.",
    )


@INCIDENT.command("show")
def show_incident(incident: IncidentArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Show an incident with all its evidence."""
    client = open_client(data)
    found = client.get("incidents", incident)
    touches = client.items("incidents", incident, "touches")
    if as_json:
        print_json({**found, "evidence": list(touches)})
        return
    print_title(found["headline"])
    _print_incident_facts(found)
    for note in found["notes"]:
        print_line()
        print_title(f"Note, {note['at']}, {note['author'] or 'operator'}")
        for line in note["text"].splitlines():
            print_line(line)
    for touch in touches:
        print_line()
        print_title(f"{touch['at']} {touch['channel']}: {show(touch['summary'])}")
        print_facts((label, value) for label, value in touch["facts"])
        print_facts(flatten_evidence("", _join_detail(touch["evidence"])))


@INCIDENT.command("ack")
def acknowledge(incident: IncidentArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Say that you look after it."""
    _change(open_client(data), incident, "acknowledge", "Acknowledged", as_json)


@INCIDENT.command("close")
def close(incident: IncidentArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Say that nothing is left to do."""
    _change(open_client(data), incident, "close", "Closed", as_json)


@INCIDENT.command("reopen")
def reopen(incident: IncidentArgument, data: Data = None, as_json: AsJSON = False) -> None:
    """Take it up again."""
    _change(open_client(data), incident, "reopen", "Taken up again", as_json)


@INCIDENT.command("note")
def note(
    incident: IncidentArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was found out.")],
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Keep what was found out."""
    found = open_client(data).post("incidents", incident, "notes", body={"text": text})
    if as_json:
        print_json(found)
    else:
        print_line(f"Noted: incident {incident}.")


@INCIDENT.command("export")
def export(
    format: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="How each is written.")
    ] = FORMATS[0],
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="Write there, mode 0600.")
    ] = None,
    text: Text = None,
    state: State = None,
    kind: KindName = None,
    token: TokenId = None,
    source: Source = None,
    data: Data = None,
    as_json: AsJSON = False,
) -> None:
    """Write incidents to a file. jsonl holds all the evidence, csv has one line each."""
    if format not in FORMATS:
        raise typer.BadParameter(f"--format is {' or '.join(FORMATS)}")
    if as_json and output is None:
        raise typer.BadParameter("--json needs --output FILE: the export itself is no document")
    search = {"text": text, "state": state, "kind": kind, "token": token, "source": source}
    count = export_incidents(open_client(data), search, format, output)
    if as_json:
        print_json({"incidents": count, "format": format, "output": output})


@INCIDENT.command("watch")
def watch(data: Data = None, as_json: AsJSON = False) -> None:
    """Print a line for every incident as it comes. It goes on until Ctrl-C; --json prints lines."""
    client = open_client(data)
    newest = client.get("incidents", limit=PAGE_SIZE)["items"]
    after = max((incident["changed"] for incident in newest), default=0)
    while True:
        for incident in client.items("incidents", changed_after=after):
            after = max(after, incident["changed"])
            print_line(json.dumps(incident) if as_json else _line(incident))
            sys.stdout.flush()
        time.sleep(WATCH_S)


def _line(incident: dict[str, Any]) -> str:
    touches = "1 touch" if incident["touches"] == 1 else f"{incident['touches']} touches"
    return (
        f"{incident['last_seen']} {incident['id']} {incident['state']} "
        f"({touches}): {show(incident['headline'])}"
    )


def _change(client: Client, incident: int, action: str, done: str, as_json: bool) -> None:
    found = client.post("incidents", incident, action)
    if as_json:
        print_json(found)
    else:
        print_line(f"{done}: incident {incident}.")


def _print_incident_facts(found: dict[str, Any]) -> None:
    print_facts(
        [
            ("State", found["state"]),
            ("Memo", found["memo"]),
            ("Token", found["token"]),
            ("Kind", found["kind"]),
            ("Source", found["source"]),
            *facts_rows(found["source_facts"]),
            ("Resolver", found["resolver"]),
            ("First seen", found["first_seen"]),
            ("Last seen", found["last_seen"]),
            ("Touches", found["touches"]),
            *(("Carried data", _show_message(message)) for message in found["carried"]),
            ("Acknowledged", _by(found["acknowledged_by"], found["acknowledged_at"])),
            ("Closed", _by(found["closed_by"], found["closed_at"])),
            ("Page", found["page"]),
        ]
    )


def _show_message(message: dict[str, Any]) -> str:
    return Message(message["text"], message["parts"], message["total"]).sentence


def _by(who: str | None, at: str | None) -> str:
    return f"{at}, by {who or 'operator'}" if at else ""


def _join_detail(evidence: dict[str, Any]) -> dict[str, Any]:
    """Return evidence with what stands in its `detail` beside the rest."""
    detail = evidence.get("detail")
    rest = {name: value for name, value in evidence.items() if name != "detail"}
    return {**rest, **detail} if isinstance(detail, dict) else evidence


def flatten_evidence(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield raw evidence as rows; its text is Latin-1 of wire bytes, and any value may stand."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten_evidence(f"{name} {key}".strip(), inner)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for number, inner in enumerate(value, 1):
            if isinstance(inner, list) and len(inner) == 2 and isinstance(inner[0], str):
                yield readable(f"{name} {shown(inner[0])}", LABEL_MAX), shown(inner[1])
            else:
                yield from flatten_evidence(f"{name} {number}", inner)
    elif isinstance(value, list):
        yield readable(name, LABEL_MAX), ", ".join(shown(inner) for inner in value)
    else:
        yield readable(name, LABEL_MAX), shown(value)
