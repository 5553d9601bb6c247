"""What a case wants in a deployment's database: `python -m bench.database DATA COMMAND …`.

A program of its own, because Django is set up once per process, on one folder. Many rows are made
of a few that Serinus itself made, copied with other ids, so that they are as wide as real ones.
"""

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.ids import read_keys
from serinus.ledger.answers import AnswersWriter
from serinus.model.answer import Answer
from serinus.programs.django_start import start_django

ANSWERS_BATCH = 100_000
TARGET = "https://intranet.example/documents/overview"
WORDS = ("invoice", "payroll", "backup", "wiki", "vault", "laptop", "share", "mailbox")


def mint_tokens(folder: DataFolder, count: int) -> None:
    """Mint tokens through the action that API and pages use."""
    from django.utils import timezone  # noqa: PLC0415 - exists once Django is set up

    from serinus.console.actions.minting import MintRequest, mint_many  # noqa: PLC0415

    del folder
    mint_many([MintRequest("web", f"bench {n}") for n in range(count)], None, timezone.now())


def open_session(folder: DataFolder) -> None:
    """Make an owner who has signed in, and print the cookie."""
    from django.conf import settings  # noqa: PLC0415 - exists once Django is set up
    from django.test import Client  # noqa: PLC0415

    from serinus.console.models import User  # noqa: PLC0415
    from serinus.console.models.people import Role  # noqa: PLC0415

    del folder
    client = Client()
    client.force_login(User.objects.create_user("bench", password=None, role=Role.OWNER))
    name = settings.SESSION_COOKIE_NAME
    print(f"{name}={client.cookies[name].value}")


def fill_tokens(folder: DataFolder, count: int) -> None:
    """Add tokens, half of them redirects with an answer of their own, copied from two real ones."""
    from django.utils import timezone  # noqa: PLC0415 - exists once Django is set up

    from serinus.console.actions.minting import MintRequest, mint_many  # noqa: PLC0415

    models = mint_many(
        [MintRequest("web", "a"), MintRequest("redirect", "b", {"target": TARGET})],
        None,
        timezone.now(),
    )
    keys = read_keys(folder.id_keys.read_text())
    ids = [keys.mint(system_entropy) for _ in range(count)]
    with closing(_open(folder)) as connection, connection:
        columns = _columns(connection, "console_token")
        first = _max(connection, "console_token", "id") + 1
        for share, model in enumerate(models):
            chosen = {"id": "?", "token_id": "?", "memo": "?"}
            connection.executemany(
                _copy("console_token", columns, chosen, f"source.id = {model.pk}"),
                (
                    (first + n, ids[n], f"{WORDS[n % 8]} of host {n % 5000} number {n}")
                    for n in range(share, count, len(models))
                ),
            )
    writer = AnswersWriter(folder.answers)
    answer = Answer(302, (("Location", TARGET),))
    redirects = ids[1::2]
    for at in range(0, len(redirects), ANSWERS_BATCH):
        writer.put_many(dict.fromkeys(redirects[at : at + ANSWERS_BATCH], answer))


def print_ids(folder: DataFolder, count: int) -> None:
    """Print ids of stored tokens, spread over all of them."""
    with closing(_open(folder)) as connection:
        step = max(1, _max(connection, "console_token", "id") // count)
        statement = "SELECT token_id FROM console_token WHERE id % ? = 0 LIMIT ?"
        # An odd step, so that both kinds are among them.
        for (token_id,) in connection.execute(statement, (step | 1, count)):
            print(token_id)


def fill_incidents(folder: DataFolder, count: int) -> None:
    """Copy the incidents that there are, with touches and alerts, into the days before them."""
    with closing(_open(folder)) as connection, connection:
        there = connection.execute("SELECT count(*) FROM console_incident").fetchone()[0]
        copies = -(-count // there)
        connection.execute("CREATE TEMP TABLE copy(ago INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO copy VALUES(?)", ((n,) for n in range(1, copies + 1)))
        strides = {
            table: _max(connection, table, "id")
            for table in ("console_incident", "console_incidenttouch", "console_alert")
        }
        changed = _max(connection, "console_incident", "changed")
        moved = f"source.id + ago * {strides['console_incident']}"
        incident = moved.replace("source.id", "source.incident_id")
        chosen: dict[str, dict[str, str]] = {
            "console_incident": {
                "id": moved,
                "changed": f"source.changed + ago * {changed}",
                **{name: _days_before(name) for name in ("first_seen", "last_seen")},
                "day": "source.day - ago",
            },
            "console_incidenttouch": {
                "id": f"source.id + ago * {strides['console_incidenttouch']}",
                "incident_id": incident,
                "touch_id": "source.touch_id || '-' || ago",
                "at": _days_before("at"),
            },
            "console_alert": {
                "id": f"source.id + ago * {strides['console_alert']}",
                "incident_id": incident,
            },
        }
        for table, values in chosen.items():
            columns = _columns(connection, table)
            statement = _copy(table, columns, values, "1", ", copy")
            # By id, so that copies of one incident do not lie side by side.
            connection.execute(f"{statement} ORDER BY ago, source.id")
        connection.execute(
            "UPDATE console_changecounter SET value = (SELECT max(changed) FROM console_incident)"
        )


def _days_before(name: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f', source.{name}, '-' || ago || ' days')"


def _open(folder: DataFolder) -> sqlite3.Connection:
    connection = sqlite3.connect(folder.database)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-262144")
    return connection


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _copy(
    table: str, columns: list[str], chosen: Mapping[str, str], condition: str, more: str = ""
) -> str:
    """Return a statement that copies rows of a table into it, with some columns chosen anew."""
    ordered = [c for c in columns if c in chosen] + [c for c in columns if c not in chosen]
    values = ", ".join(chosen.get(name, f"source.{name}") for name in ordered)
    names = ", ".join(ordered)
    return (
        f"INSERT INTO {table}({names}) SELECT {values} FROM {table} AS source{more}"  # noqa: S608
        f" WHERE {condition}"
    )


def _max(connection: sqlite3.Connection, table: str, column: str) -> int:
    found = connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]  # noqa: S608
    return int(found or 0)


def main(words: list[str]) -> None:
    """Run one command."""
    folder = DataFolder(Path(words[0]))
    start_django(folder)
    match words[1:]:
        case ["migrate"]:
            pass
        case ["mint", count]:
            mint_tokens(folder, int(count))
        case ["session"]:
            open_session(folder)
        case ["ids", count]:
            print_ids(folder, int(count))
        case ["fill-tokens", count]:
            fill_tokens(folder, int(count))
        case ["fill-incidents", count]:
            fill_incidents(folder, int(count))
        case _:
            raise SystemExit(f"no such command: {words[1:]}")


if __name__ == "__main__":
    main(sys.argv[1:])
