"""The front's bytes against transcripts of the real servers."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from serinus.base.ids import IdKeys, IdShape
from serinus.edge.dialects import date_text
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.http import HTTPFront
from serinus.model.answer import Answer
from serinus.wire.conversation import Close, Command, Send

FOLDER = Path(__file__).parents[1] / "transcripts" / "http"
KEYS = IdKeys(IdShape(24, "abcdefghijklmnopqrstuvwxyz012345"), (b"k" * 32,))
SHAPED = b"a" * 24
TOKEN = KEYS.mint(lambda size: b"t" * size)
MODIFIED = 1763949267
"""Unix time of the files that the conditional requests were recorded with."""
DIALECTS = {"nginx": make_nginx, "apache": make_apache}
GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90400000000002c00000000010001000002024401003b"
)
PAGES = ("get_page", "post_page")
"""Transcripts of a page with a text; our surface has only the empty page."""


def read_transcript(path: Path) -> tuple[bytes, bytes, bool]:
    head, rest = path.read_bytes().split(b"\n\n", 1)
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
    size = int(fields["sent"])
    return rest[:size], rest[size + 1 :], fields["end"] == "closed"


def normal(data: bytes) -> bytes:
    data = re.sub(rb"(Date|Last-Modified): [^\r]+", rb"\1: D", data)
    data = re.sub(rb"(boundary=|\r\n--)[0-9a-f]{16,20}\b", rb"\1B", data)
    return re.sub(rb'ETag: "([0-9a-f]+)-([0-9a-f]+)"', b"ETag: E", data)


CASES = [
    pytest.param(path, id=f"{path.parent.name}-{path.stem}")
    for path in sorted(FOLDER.glob("*/*.txt"))
    if path.stem not in PAGES
]


@pytest.mark.parametrize("path", CASES)
def test_the_front_says_what_the_real_server_said(path: Path) -> None:
    sent, expected, closed = read_transcript(path)
    real_gif = expected.partition(b"GIF89a")
    gif = real_gif[1] + real_gif[2][:37]
    gif = gif if len(gif) == len(GIF) else GIF
    if path.stem == "expect":
        # The recording ends before the body; nginx does not wait for one, we do.
        sent += b"abc"
    names = ((b"/file.gif", b"/" + SHAPED + b".gif"), (b"/empty.html", b"/" + SHAPED))
    for name, ours in names:
        sent = sent.replace(b" " + name, b" " + ours)
    dialect = DIALECTS[path.parent.name](MODIFIED)
    answer = None
    if path.stem.startswith("redirect_"):
        answer = Answer(int(path.stem.split("_")[1]), (("Location", "https://www.example.org/x"),))
        sent = sent.replace(b"/redirect/", b"/" + TOKEN.encode() + b"/")
    front = HTTPFront(KEYS, dialect, [], lambda _: answer, gif, "image/gif", "e")
    plain = path.stem.startswith("plain_on_tls")
    talk = front.conversation("192.0.2.1", 5, "192.0.2.2:80", "tcp", misdirected=plain)
    commands = talk.received(sent, 1.6e9)
    said = b"".join(command.data for command in commands if isinstance(command, Send))
    if path.stem == "expect":
        assert normal(said).startswith(normal(expected))
        return
    assert normal(said) == normal(expected)
    # 413 of nginx lingers before it closes; we close at once.
    assert closes(commands) == (closed or path.stem == "body_too_large")


def closes(commands: Sequence[Command]) -> bool:
    return any(isinstance(command, Close) for command in commands)


def test_dates_are_those_of_the_standard() -> None:
    assert date_text(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert date_text(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT"


def test_the_server_text_is_an_argument() -> None:
    assert make_nginx(0, "nginx").server == "nginx"
    assert make_apache(0, "Apache").server == "Apache"
