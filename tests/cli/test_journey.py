"""Every command against a whole deployment that `serinus up` started."""

import csv
import http.client
import http.server
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import dns.message
import dns.query
import pytest

from clients.ground import free_port, until
from serinus.cli.main import main

PROGRAM = Path(sys.executable).with_name("serinus")
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("SERINUS_")}
COMMAND_MAX_S = 60.0
FORMULA = '=HYPERLINK("http://evil.example")'


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Instance:
    """A running deployment, addressed as its operator does."""

    data: Path
    dns: int
    http: int
    console: int
    log: Path

    def run(self, *words: str, typed: str = "", **environ: str) -> Done:
        """Run a command within this process, which saves the start of a new one."""
        out, err, typing = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(3))
        typing.write(typed)
        typing.seek(0)
        around = {**ENVIRON, "SERINUS_DATA": str(self.data), **environ}
        with (
            patch.dict(os.environ, around, clear=True),
            patch.object(sys, "stdin", typing),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            status = main(words)
        return Done(status, _text(out), _text(err))

    def ask(self, *words: str) -> Any:
        """Run a command that succeeds, and return its one document."""
        done = self.run(*words, "--json")
        assert (done.status, done.err) == (0, ""), (words, done)
        return json.loads(done.out)

    def refused(self, *words: str, **environ: str) -> str:
        """Run a command that fails with one sentence, and return it."""
        done = self.run(*words, **environ)
        assert (done.status, done.out) == (1, ""), (words, done)
        assert done.err.count("\n") == 1
        assert "Traceback" not in done.err
        return done.err.strip()

    def mint(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("token", "mint", *words)
        return found

    def fetch(self, token: dict[str, Any], **headers: str) -> bytes:
        parts = urlsplit(token["url"])
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        try:
            connection.request("GET", parts.path, headers={"Host": parts.netloc, **headers})
            return connection.getresponse().read()
        finally:
            connection.close()

    def delivery_in(self, destination: str, state: str) -> dict[str, Any] | None:
        """Return the newest delivery of a destination if it is in that state."""
        items = self.ask("destination", "log", destination)["items"]
        return items[0] if items and items[0]["state"] == state else None

    def incident_of(self, token: dict[str, Any]) -> dict[str, Any]:
        """Wait for the incident of a token."""

        def look() -> dict[str, Any] | None:
            items = self.ask("incident", "list", "--token", token["id"])["items"]
            return items[0] if items else None

        return until(look, "the incident")


def _text(file: io.TextIOWrapper) -> str:
    file.seek(0)
    return file.read()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    data = tmp_path_factory.mktemp("deployment") / "data"
    ports = [free_port() for _ in range(3)]
    instance = Instance(data, ports[0], ports[1], ports[2], data.with_name("up.log"))
    with instance.log.open("wb") as file:
        process = subprocess.Popen(
            [
                *(PROGRAM, "up", "--data", data, "--domain", "files.example"),
                *("--dns", f"127.0.0.1:{instance.dns}", "--http", f"127.0.0.1:{instance.http}"),
                *("--https", "off", "--console", f"127.0.0.1:{instance.console}"),
                *("--outgoing-allow", "127.0.0.0/8"),
            ],
            env={**ENVIRON, "SERINUS_API_KEY": "of the operator alone"},
            stdout=file,
            stderr=file,
        )
    try:
        until(lambda: instance.run("token", "list").status == 0, "the Console")
        yield instance
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(COMMAND_MAX_S) == 0, instance.log.read_text()


def test_up_becomes_the_supervisor_and_hands_no_key_down(here: Instance) -> None:
    processes = [int(json.loads((here.data / "run" / "processes.json").read_text())["edge"]["pid"])]
    processes.append(int((here.data / "run" / "up.lock").read_text()))
    for pid in processes:
        running = Path(f"/proc/{pid}")
        assert b"serinus.programs." in (running / "cmdline").read_bytes()
        assert b"of the operator alone" not in (running / "environ").read_bytes()


def test_a_web_token_is_minted_tripped_and_its_incident_listed(here: Instance) -> None:
    token = here.mint("web", "--memo", "Wiki, page of passwords")
    assert {"id", "kind", "memo", "url", "hostname"} <= token.keys()
    assert token["memo"] == "Wiki, page of passwords"
    here.fetch(token)
    incident = here.incident_of(token)
    assert (
        incident.items()
        >= {
            "token": token["id"],
            "kind": "web",
            "memo": "Wiki, page of passwords",
            "source": "127.0.0.1",
            "touches": 1,
            "state": "new",
        }.items()
    )
    assert {"id", "first_seen", "last_seen"} <= incident.keys()


def test_a_dns_token_is_minted_tripped_and_its_incident_listed(here: Instance) -> None:
    token = here.mint("dns", "--memo", "Router's configuration")
    query = dns.message.make_query("carried." + token["hostname"], "TXT")
    dns.query.udp(query, "127.0.0.1", port=here.dns, timeout=10)
    incident = here.incident_of(token)
    shown = here.run("incident", "show", str(incident["id"])).out
    assert "carried" in shown
    assert "Router's configuration" in shown


def test_plain_output_of_mint_is_ready_to_copy_and_to_try(here: Instance) -> None:
    done = here.run("token", "mint", "web", "--memo", "A plain one")
    lines = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    url, own = [line for line in lines if line.startswith("http://")]
    assert own.rpartition("/")[2] == url.rpartition("/")[2]
    (curl,) = [line for line in lines if line.startswith("curl ")]
    assert shlex.split(curl)[-1] == url
    assert any(line.startswith(f"dig @127.0.0.1 -p {here.dns} ") for line in lines)


def test_an_artefact_is_given_alone(here: Instance, tmp_path: Path) -> None:
    done = here.run("token", "mint", "web", "--memo", "An artefact", "--artefact", "url")
    assert done.out.startswith("http://")
    assert "\n" not in done.out.strip()
    token = here.ask("token", "list", "--text", "artefact")["items"][0]
    path = tmp_path / "url.txt"
    show = ("token", "show", token["id"], "--artefact")
    assert here.run(*show, "url", "--output", str(path)).out == ""
    assert path.read_text().strip() == done.out.strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "url" in here.refused(*show, "paper")


def test_a_file_of_the_operator_is_given_to_visitors(here: Instance, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-\x00\xff")
    surface = ("--surface", "file", "--body", str(tmp_path / "plan.pdf"))
    token = here.mint("web", "--memo", "A file", *surface, "--file-name", "plan.pdf")
    assert token["url"].endswith("/plan.pdf")
    assert here.fetch(token) == b"%PDF-\x00\xff"
    # Without its name the Console refuses it, and its sentence names the field.
    assert "file name" in here.refused("token", "mint", "web", "--memo", "A file", *surface)


def test_tokens_are_found_switched_deleted_and_taken_back(here: Instance) -> None:
    token = here.mint("web", "--memo", "Zebra on a share")
    find = ("token", "list", "--text", "zebra")
    assert [t["id"] for t in here.ask(*find)["items"]] == [token["id"]]
    assert here.ask("token", "disable", token["id"])["enabled"] is False
    assert len(here.ask(*find, "--state", "disabled")["items"]) == 1
    assert here.ask("token", "enable", token["id"])["enabled"] is True
    assert here.ask("token", "delete", token["id"])["deleted"] is True
    assert here.ask(*find)["items"] == []
    assert len(here.ask(*find, "--state", "deleted")["items"]) == 1
    assert here.ask("token", "undelete", token["id"])["deleted"] is False
    assert here.ask("token", "change", token["id"], "--memo", "Okapi")["memo"] == "Okapi"
    assert here.ask("token", "show", token["id"])["memo"] == "Okapi"
    assert here.run("token", "disable", token["id"]).out == f"Disabled: {token['id']}, Okapi\n"
    assert f"{token['id']}\tweb\tdisabled\t0\t\tOkapi\n" in here.run("token", "list").out


def test_snippets_are_printed_as_they_are_and_one_alone_runs_as_it_is(here: Instance) -> None:
    token = here.mint("web", "--memo", "A script")
    every = here.run("token", "carry", token["id"]).out
    assert "# PowerShell, over DNS; no test has tried it\n" in every and token["url"] in every
    (dig,) = here.ask("token", "carry", token["id"], "--via", "dns", "--program", "dig")["items"]
    alone = here.run("token", "carry", token["id"], "--via", "dns", "--program", "dig").out
    assert alone == f"# dig, over DNS\n{dig['text']}\n\n"
    assert subprocess.run(["sh", "-n"], input=alone, text=True, check=False).returncode == 0
    assert "--via http --program curl" in here.refused("token", "carry", token["id"], "--via", "x")


def test_pages_end_and_all_pages_are_read(here: Instance) -> None:
    for number in range(3):
        here.mint("dns", "--memo", f"Pagination {number}")
    find = ("token", "list", "--text", "pagination")
    page = here.ask(*find, "--limit", "2")
    assert len(page["items"]) == 2
    assert page["next"] is not None
    every = here.ask(*find, "--all")
    assert [len(every["items"]), every["next"]] == [3, None]


def test_kinds_are_listed_with_their_options(here: Instance) -> None:
    kinds = {kind["name"]: kind for kind in here.ask("token", "kinds")["items"]}
    assert {"web", "dns", "redirect", "browser"} <= kinds.keys()
    assert kinds["redirect"]["options"][0]["required"] is True


def test_an_incident_is_acknowledged_noted_closed_and_taken_up_again(here: Instance) -> None:
    token = here.mint("web", "--memo", "Lifecycle")
    here.fetch(token)
    number = str(here.incident_of(token)["id"])
    assert here.ask("incident", "ack", number)["state"] == "acknowledged"
    here.ask("incident", "note", number, "It was the backup.")
    assert here.run("incident", "close", number).out == f"Closed: incident {number}.\n"
    assert here.ask("incident", "list", "--token", token["id"], "--state", "new")["items"] == []
    assert here.ask("incident", "reopen", number)["state"] == "acknowledged"
    whole = here.ask("incident", "show", number)
    assert [note["text"] for note in whole["notes"]] == ["It was the backup."]
    assert "It was the backup." in here.run("incident", "show", number).out


def test_evidence_is_shown_whole_and_harmless(here: Instance) -> None:
    token = here.mint("web", "--memo", "Evidence")
    here.fetch(token, **{"User-Agent": "a[bold]b\x9b31m", "X-Odd": "caf\xe9"})
    number = str(here.incident_of(token)["id"])
    shown = here.run("incident", "show", number).out
    assert "a[bold]b\\x9b31m" in shown
    assert "X-Odd" in shown
    assert "\x9b" not in shown
    (touch,) = here.ask("incident", "show", number)["evidence"]
    assert ["X-Odd", "caf\xe9"] in touch["evidence"]["detail"]["headers"]


def test_an_export_holds_all_the_evidence_and_no_formula(here: Instance, tmp_path: Path) -> None:
    token = here.mint("web", "--memo", FORMULA)
    here.fetch(token)
    incident = here.incident_of(token)
    lines = here.run("incident", "export").out.splitlines()
    exported = {found["id"]: found for found in map(json.loads, lines)}
    assert exported[incident["id"]]["memo"] == FORMULA
    assert exported[incident["id"]]["evidence"][0]["evidence"]["detail"]["method"] == "GET"

    path = tmp_path / "incidents.csv"
    words = ("incident", "export", "--format", "csv", "--output", str(path))
    told = here.ask(*words, "--token", token["id"])
    assert told == {"incidents": 1, "format": "csv", "output": str(path)}
    assert path.stat().st_mode & 0o777 == 0o600
    (row,) = csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""))
    assert row["memo"] == "'" + FORMULA
    assert row["id"] == str(incident["id"])


def test_watch_prints_a_line_for_each_incident_as_it_comes(here: Instance) -> None:
    token = here.mint("web", "--memo", "Watched")
    process = subprocess.Popen(
        [PROGRAM, "incident", "watch", "--data", here.data, "--json"],
        env=ENVIRON,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        seen: list[str] = []
        reader = threading.Thread(
            target=lambda line: seen.append(line()), args=[process.stdout.readline]
        )
        reader.start()

        # Touched again and again: when the watching began is not for us to know.
        def touch() -> bool:
            here.fetch(token)
            reader.join(0.5)
            return bool(seen)

        until(touch, "a line")
        assert json.loads(seen[0])["memo"] == "Watched"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=COMMAND_MAX_S)
        assert (process.returncode, errors) == (130, "")
    finally:
        process.kill()
        process.wait()


@contextmanager
def receiver(status: int) -> Iterator[tuple[int, list[bytes]]]:
    """A webhook's other end: its port, and what it received."""
    received: list[bytes] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status, "As told")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, received
        finally:
            server.shutdown()
            thread.join()


def test_a_destination_is_added_tested_listed_and_removed(here: Instance) -> None:
    add = ("destination", "add", "webhook", "--name", "Team", "--url-file", "-")
    with receiver(204) as (port, _):
        secret = f"http://127.0.0.1:{port}/very-secret-path"
        done = here.run(*add, "--secret", "0123456789abcdef", "--json", typed=secret + "\n")
        assert done.status == 0, done
        number = str(json.loads(done.out)["id"])
        assert here.ask("destination", "test", number)["outcome"] == "delivered"
        assert here.run("destination", "test", number).out.startswith("Delivered: 204")
        for listed in (done, here.run("destination", "list"), here.run("destination", "list")):
            assert "very-secret-path" not in listed.out + listed.err
            assert "0123456789abcdef" not in listed.out + listed.err
        token = here.mint("web", "--memo", "Told to the team", "--destination", number)
        assert token["destinations"] == [int(number)]
        here.fetch(token)
        here.incident_of(token)
        until(lambda: here.delivery_in(number, "delivered"), "the delivery")
        (row,) = here.run("destination", "log", number).out.splitlines()
        assert row.split("\t")[1:3] == ["delivered", "1"]
        assert urlsplit(token["url"]).path in row
    refused = here.refused("destination", "test", number)
    assert refused.startswith("Not delivered:")
    failed = here.run("destination", "test", number, "--json")
    assert failed.status == 1
    assert json.loads(failed.out)["outcome"] == "again"
    assert here.run("destination", "remove", number).out == f"Removed: destination {number}.\n"
    assert here.ask("destination", "list")["items"] == []


def test_a_delivery_that_was_given_up_is_sent_again(here: Instance) -> None:
    with receiver(410) as (port, received):
        url = f"http://127.0.0.1:{port}/"
        added = here.ask("destination", "add", "webhook", "--name", "Gone", "--url", url)
        number = str(added["id"])
        token = here.mint("web", "--memo", "Given up", "--destination", number)
        here.fetch(token)

        delivery = until(lambda: here.delivery_in(number, "dead"), "the dead letter")
        assert here.run("destination", "resend", str(delivery["id"])).status == 0
        until(lambda: len(received) == 2, "the dead letter, again")
    here.ask("destination", "remove", number)


def test_a_key_opens_the_console_from_elsewhere_until_it_is_revoked(here: Instance) -> None:
    made = here.ask("key", "add", "A script")
    elsewhere = {
        "SERINUS_URL": f"http://127.0.0.1:{here.console}",
        "SERINUS_API_KEY": made["key"],
    }
    assert here.run("token", "list", **elsewhere).status == 0
    assert made["key"] not in here.run("key", "list", "--json").out
    assert "A script" in here.run("key", "list").out
    here.ask("key", "revoke", str(made["id"]))
    assert "key" in here.refused("token", "list", **elsewhere).lower()


def test_people_are_invited_by_a_link(here: Instance) -> None:
    done = here.run("invite", "colleague")
    assert done.out.startswith(f"http://127.0.0.1:{here.console}/invitation/")
    assert here.ask("invite", "owner")["link"].startswith("http")
    assert "ole is one of" in here.refused("invite", "pope")


@pytest.mark.parametrize(
    "words",
    [
        ("token", "show", "nosuchtoken"),
        ("token", "delete", "../../etc/passwd"),
        ("token", "change", "nosuchtoken", "--memo", "x"),
        ("token", "change", "nosuchtoken"),
        ("incident", "show", "999999"),
        ("incident", "ack", "999999"),
        ("incident", "note", "999999", "x"),
        ("incident", "list", "--state", "asleep"),
        ("token", "list", "--state", "asleep"),
        ("destination", "test", "999999"),
        ("destination", "log", "999999"),
        ("destination", "resend", "999999"),
        ("key", "revoke", "999999"),
        ("token", "mint", "web", "--memo", " "),
        ("token", "mint", "web", "--memo", "x", "--surface", "paper"),
        ("token", "mint", "web", "--memo", "x", "--destination", "999999"),
        ("token", "mint", "web", "--memo", "x", "--body", "no-such-file"),
        ("token", "mint", "redirect", "--memo", "x", "--target", "javascript:1"),
        ("destination", "add", "webhook", "--name", "x", "--url", "gopher://x"),
        ("destination", "add", "webhook", "--name", "x", "--url-file", "no-such-file"),
        ("destination", "add", "webhook", "--name", "x"),
        ("incident", "export", "--output", "/nonexistent/file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(here: Instance, words: tuple[str, ...]) -> None:
    sentence = here.refused(*words)
    assert 10 < len(sentence) < 400
    failed = here.run(*words, "--json") if "--output" not in words else None
    if failed is not None:
        assert (failed.status, failed.out) == (1, "")
        assert json.loads(failed.err).keys() == {"error", "field"}


def test_what_is_not_there_is_named(here: Instance) -> None:
    assert here.refused("token", "show", "nosuch").startswith("There is no token nosuch")
    assert here.refused("incident", "ack", "999999").startswith("There is no incident 999999")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_closes_ends_a_command_in_silence(unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [PROGRAM, "token", "kinds", "--json"],
            env={**ENVIRON, "PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=COMMAND_MAX_S,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_console_that_does_not_run_is_named_with_the_remedy(
    here: Instance, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "keys").mkdir()
    settings = json.loads((here.data / "run" / "settings.json").read_text())
    port = free_port()
    settings["console"] = f"127.0.0.1:{port}"
    (tmp_path / "run" / "settings.json").write_text(json.dumps(settings))
    (tmp_path / "keys" / "operator").write_text("0" * 64)
    assert here.refused("token", "list", "--data", str(tmp_path)) == (
        f"Nothing answers at http://127.0.0.1:{port}: start it with `serinus up --data {tmp_path}`."
    )


def test_a_wrong_key_is_refused_in_a_sentence(here: Instance) -> None:
    elsewhere = {"SERINUS_URL": f"http://127.0.0.1:{here.console}", "SERINUS_API_KEY": "wrong"}
    assert here.refused("token", "list", **elsewhere)
