"""Hostile text that rides along is inert wherever it arrives: one deployment, every sink.

Each payload comes as User-Agent, query, path, body, DNS label and memo of one token; every sink is
then read as its reader would: pages by an HTML parser, mail by a mail parser, a terminal's bytes.
"""

import csv
import email
import email.policy
import json
import os
import pty
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from clients.ground import free_port, until
from clients.stack import Stack, running
from net.receivers import Quiet, receiving
from serinus.base.untrusted import is_control
from serinus.tokens.kind import MEMO_LENGTH_MAX

MARK = "zq7"
PASSWORD = "a long enough passphrase"
PAYLOADS = {
    "html": f'"><script>{MARK}()</script><img src=x onerror={MARK}()><svg/onload={MARK}()>',
    "terminal": f"\x1b]0;{MARK}\x07\x1b[31m\x1b[2J\x9b1m{MARK}\x00\x08",
    "formula": f"=cmd|'/C {MARK}'!A0",
    "log line": f"x\r\n2026-01-01 00:00:00 ERROR {MARK} forged\n{MARK} forged",
    "bidi": f"\u202e\u2066{MARK}",
    "template": f"{{{{{MARK}}}}}{{% {MARK} %}}${{{MARK}}}%({MARK})s{{0.__class__}}",
    "mail header": f"x\r\nBcc: {MARK}@example.com\r\n\r\n{MARK}",
    "large": f"{MARK}<b>=" * 150_000,
}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORMULA = tuple("=+-@\t\r")
WHOLE_S = 60.0
LABEL_MAX = 60


class Mailbox:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        found = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        return "250 OK"


class Marked(HTMLParser):
    """Finds elements, attributes and handlers that a payload brought to life."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.alive: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag
        if tag == "svg" and ("onload", f"{MARK}()") in attrs:
            self.alive.append("svg")
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src") and MARK in (value or "")[:12]):
                self.alive.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in ("script", "style") and MARK in data:
            self.alive.append(self.within)


class Sinks:
    """A deployment to which every payload has come by every way."""

    def __init__(self, stack: Stack, mailbox: Mailbox, hook: Quiet) -> None:
        self.stack, self.mailbox, self.hook = stack, mailbox, hook
        self.tokens = {name: self._trip(payload) for name, payload in PAYLOADS.items()}
        self.incidents = until(self._all, "all the incidents", WHOLE_S)
        until(lambda: self._told(), "all the alerts", WHOLE_S)
        self.browser = self._sign_in()

    def pages(self) -> Iterator[str]:
        """Every page on which a person meets them."""
        paths = ["/", "/tokens", *(f"/incidents/{i['id']}" for i in self.incidents)]
        for path in [*paths, *(f"/tokens/{token['id']}" for token in self.tokens.values())]:
            with self.browser.open(self.stack.settings.console_base + path) as reply:
                yield reply.read().decode()

    def command(self, *words: str) -> bytes:
        """What a command prints on a terminal."""
        ours, theirs = pty.openpty()
        environment = {**os.environ, "SERINUS_DATA": str(self.stack.folder.root), "NO_COLOR": "1"}
        with subprocess.Popen(
            [sys.executable, "-m", "serinus.cli.main", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
        ) as process:
            os.close(theirs)
            printed = b""
            while piece := _read(ours):
                printed += piece
            assert process.wait(WHOLE_S) == 0, printed
        os.close(ours)
        return printed

    def saved(self, format: str, path: Path) -> str:
        """What an export holds."""
        self.command("incident", "export", "--format", format, "--output", str(path))
        return path.read_text()

    def _trip(self, payload: str) -> dict[str, Any]:
        memo = "".join(c for c in payload if c == "\n" or not is_control(c))[:MEMO_LENGTH_MAX]
        token = self.stack.mint("web", memo)
        raw = payload.encode()
        one_line = raw.translate(None, b"\r\n\0")[:4000]
        path = token["url"].partition(f":{self.stack.http}")[2]
        head = f"POST {path}?q={quote(payload[:1500])} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        body = b"text=" + raw
        with socket.create_connection(("127.0.0.1", self.stack.http)) as sock:
            sock.sendall(head.encode() + b"User-Agent: " + one_line + b"\r\n")
            sock.sendall(
                b"X-Note: " + one_line + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            )
            sock.sendall(body)
            while sock.recv(65536):
                pass
        label = raw[:LABEL_MAX]
        name = bytes([len(label)]) + label
        for part in token["hostname"].split("."):
            name += bytes([len(part)]) + part.encode()
        query = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + name + b"\0\0\x10\0\1"
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(WHOLE_S)
            sock.sendto(query, ("127.0.0.1", self.stack.dns))
            sock.recv(4096)
        return token

    def _all(self) -> list[dict[str, Any]]:
        rows = self.stack.incidents()
        whole = {row["token"] for row in rows if row["touches"] >= 2}
        return rows if whole == {token["id"] for token in self.tokens.values()} else []

    def _told(self) -> bool:
        return min(len(self.mailbox.got), len(self.hook.seen)) >= len(self.tokens)

    def _sign_in(self) -> urllib.request.OpenerDirector:
        jar = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        found = re.search(r"Set up +(\S+)", self.stack.log.read_text())
        assert found
        browser.open(found[1]).read()
        given = {"username": "olivia", "password1": PASSWORD, "password2": PASSWORD}
        csrf = next(cookie.value for cookie in jar if "csrf" in cookie.name)
        data = urlencode({**given, "password": PASSWORD, "csrfmiddlewaretoken": csrf}).encode()
        request = urllib.request.Request(found[1], data, {"Referer": found[1]})
        browser.open(request).read()
        return browser


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # The other end of a terminal is closed.
        return b""


@pytest.fixture(scope="module")
def sinks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with receiving() as hook, running(tmp_path_factory.mktemp("sinks") / "data") as stack:
            to = {"to": ["a@example.com"], "sender": "b@example.com", "host": "127.0.0.1"}
            mail = {**to, "port": port, "security": "none"}
            posted = {"url": hook.url(), "secret": "0123456789abcdef"}
            for kind, settings in (("email", mail), ("webhook", posted)):
                wanted = {"kind": kind, "name": kind, "settings": settings}
                stack.api("POST", "destinations", wanted)
            yield Sinks(stack, mailbox, hook)
    finally:
        controller.stop()


def check_pages(sinks: Sinks, folder: Path) -> None:
    seen = ""
    for page in sinks.pages():
        assert not CONTROL.search(page)
        parser = Marked()
        parser.feed(page)
        assert parser.alive == []
        seen += page
    assert f"{{{{{MARK}}}}}" in seen and "{0.__class__}" in seen


def check_mail(sinks: Sinks, folder: Path) -> None:
    for message in sinks.mailbox.got:
        assert message["Bcc"] is None and str(message["To"]) == "a@example.com"
        for name, value in message.items():
            assert not CONTROL.search(str(value)), name
        plain, html = (message.get_body((form,)) for form in ("plain", "html"))
        assert plain is not None and html is not None
        assert not CONTROL.search(plain.get_content().replace("\r\n", "\n"))
        parser = Marked()
        parser.feed(html.get_content())
        assert parser.alive == []


def check_webhook(sinks: Sinks, folder: Path) -> None:
    for _, _, headers, body in sinks.hook.seen:
        assert MARK not in str(headers)
        document = json.loads(body)
        assert not CONTROL.search(json.dumps(document, ensure_ascii=False))
        assert len(body) < 200_000


def check_commands(sinks: Sinks, folder: Path) -> None:
    printed = sinks.command("incident", "list") + sinks.command("token", "list")
    for incident in sinks.incidents:
        printed += sinks.command("incident", "show", str(incident["id"]))
    for token in sinks.tokens.values():
        printed += sinks.command("token", "show", token["id"])
    # Our own bold and dim, and a terminal's line ends.
    text = re.sub("\x1b\\[[0-2]m", "", printed.decode().replace("\r\n", "\n"))
    assert MARK in text
    assert not CONTROL.search(text)
    assert not re.search(rf"^[\d-]+ [\d:]+ ERROR {MARK}", text, re.M)


def check_csv(sinks: Sinks, folder: Path) -> None:
    with (folder / "x.csv").open("w") as file:
        file.write(sinks.saved("csv", folder / "y.csv"))
    with (folder / "x.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + len(sinks.incidents)
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULA), cell
        assert not CONTROL.search(cell)


def check_jsonl(sinks: Sinks, folder: Path) -> None:
    lines = sinks.saved("jsonl", folder / "x.jsonl").splitlines()
    assert len(lines) == len(sinks.incidents)
    for line in lines:
        assert not CONTROL.search(line)
        json.loads(line)


def check_api(sinks: Sinks, folder: Path) -> None:
    rows: list[dict[str, Any]] = []
    for incident in sinks.incidents:
        rows += sinks.stack.api("GET", f"incidents/{incident['id']}/touches")["items"]
    # Evidence is the bytes as they came, for machines; all else is for people.
    shown = [{name: value for name, value in row.items() if name != "evidence"} for row in rows]
    document = json.dumps([sinks.incidents, shown], ensure_ascii=False)
    assert MARK in document
    assert not CONTROL.search(document)


def check_logs(sinks: Sinks, folder: Path) -> None:
    text = sinks.stack.log.read_text()
    assert MARK not in text
    assert "Traceback" not in text


CHECKS: dict[str, Callable[[Sinks, Path], None]] = {
    "pages": check_pages,
    "mail": check_mail,
    "webhook": check_webhook,
    "commands": check_commands,
    "csv": check_csv,
    "jsonl": check_jsonl,
    "api": check_api,
    "logs": check_logs,
}


@pytest.mark.parametrize("sink", CHECKS)
def test_hostile_text_is_inert(sinks: Sinks, sink: str, tmp_path: Path) -> None:
    CHECKS[sink](sinks, tmp_path)
