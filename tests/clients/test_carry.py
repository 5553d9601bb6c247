"""Every snippet that runs on Debian, run by the real program; what it carried is read again."""

import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from clients.ground import client, until
from clients.planted import TRIP_MAX_S, Host
from serinus.base.ids import TokenId
from serinus.tokens.carried.lookup import Message, assemble, read_part
from serinus.tokens.carry import NAME_LENGTH_MAX, Snippet, write_snippets
from serinus.tokens.describe import CARRIED
from serinus.tokens.kind import Sureness, Token
from serinus.tokens.site import Site

SITE = Site("files.example", "http://files.example", bytes(32))
SECURE = Site("files.example", "https://files.example", bytes(32))
ARGUMENTS = ("-e", "/bin/sh", "a  b", "*", "$(id)", "`id`", "'\"\\", "Zoë", "%s%n", "<b>&amp;", "")
USER = "root"


def proven_snippets(via: str, *sites: Site) -> list[tuple[Site, str]]:
    return [
        (site, snippet.name)
        for site in sites
        for snippet in write_snippets(site, TokenId("x" * 20))
        if snippet.via == via and snippet.proof.sureness is Sureness.PROVEN
    ]


def find(site: Site, token: Token, name: str, via: str, url: str = "") -> Snippet:
    """The snippet as an operator gets it, held to be that of the program that it names."""
    snippets = write_snippets(site, token.id, url)
    (found,) = [s for s in snippets if (s.name, s.via) == (name, via)]
    (program,) = found.proof.clients
    client(program)
    assert program in found.text or program == found.language
    return found


def run(host: Host, snippet: Snippet, *arguments: str) -> None:
    """Run it as part of a script with these arguments; it says nothing and does not fail."""
    done = host.use(
        *(snippet.language, "-c", f"{snippet.text}\n:", "the script", *arguments),
        environment={"USER": USER},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done.stderr.decode()


def said(arguments: Sequence[str]) -> str:
    return f"{USER} on {socket.gethostname()} ran: {' '.join(arguments)}"


def read(host: Host, token: Token) -> Message:
    """What lookups carried, once it is whole."""

    def look() -> Message | None:
        texts: dict[str, dict[int, str]] = {}
        for touch in host.touches():
            part = read_part(touch.detail.get("left")) if token.id in touch.tokens else None
            if part is not None:
                texts.setdefault(part.message, {})[part.number] = part.text
        found = [assemble(name, known) for name, known in texts.items()]
        return found[0] if len(found) == 1 and found[0].is_whole else None

    return until(look, "the whole message", TRIP_MAX_S)


@pytest.mark.parametrize(
    ("site", "name"),
    proven_snippets("http", SITE, SECURE),
    ids=lambda v: v if isinstance(v, str) else v.url_base.partition(":")[0],
)
def test_a_request_carries_who_ran_what_where(host: Host, site: Site, name: str) -> None:
    token = host.plant("web")
    snippet = find(site, token, name, "http", site.url(token.id, "o'brien & co?.pdf"))
    run(host, snippet, *ARGUMENTS, "two\nlines")
    text = said([*ARGUMENTS, "two lines"])
    trip = host.trip(token, text, "http")
    assert (CARRIED, f"query: {text}" if name == "perl" else text) in trip.facts
    assert trip.summary.startswith(f"“{text[:100]}")
    assert "carried by GET for " in trip.summary


@pytest.mark.parametrize(("site", "name"), proven_snippets("dns", SITE))
def test_lookups_carry_who_ran_what_where(host: Host, site: Site, name: str) -> None:
    token = host.plant("dns")
    run(host, find(site, token, name, "dns"), *ARGUMENTS, "two\nlines")
    message = read(host, token)
    assert message.total > 1 or name in ("dig", "host", "nslookup", "getent", "ping", "python")
    assert message.text == said([*ARGUMENTS, "two ⏎ lines"])


@pytest.mark.parametrize("name", ["getent", "bash", "python", "perl"])
def test_a_long_text_is_cut_where_a_message_ends(host: Host, name: str) -> None:
    token, arguments = host.plant("dns"), ["word"] * 4000
    run(host, find(SITE, token, name, "dns"), *arguments)
    message = read(host, token)
    assert message.total == 64
    assert said(arguments).startswith(message.text) and len(message.text) > 1700


def test_without_base32_it_is_hexadecimal(host: Host, tmp_path: Path) -> None:
    for program in ("id", "hostname", "tr", "head", "od", "fold", "sed", "getent"):
        (tmp_path / program).symlink_to(client(program))
    token = host.plant("dns")
    snippet = find(SITE, token, "getent", "dns")
    # Set by the script itself: what enters the namespace is found by the usual path.
    script = replace(snippet, text=f"PATH='{tmp_path}'\n{snippet.text}")
    run(host, script, *ARGUMENTS)
    assert read(host, token).text == said(ARGUMENTS).rstrip()
    names = [str(t.detail.get("name")) for t in host.touches() if token.id in t.tokens]
    assert names and all(".x" in name for name in names)


def test_what_the_protocols_page_shows_works(host: Host) -> None:
    page = Path(__file__).parents[2] / "docs" / "protocols" / "carried-data.md"
    lookups, request = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    token = host.plant("dns")
    script = lookups.replace("TOKEN.ZONE", SITE.hostname(token.id))
    host.use("sh", "-c", script, "nc", *ARGUMENTS)
    text = f"{USER} on {socket.gethostname()} ran: nc {' '.join(ARGUMENTS)}".rstrip()
    assert read(host, token).text == text
    host.use("sh", "-c", request.replace("URL", f"{SITE.origin(token.id)}/"), "nc", "-l", "44")
    host.trip(token, f"{CARRIED}: {USER} on {socket.gethostname()} ran: nc -l 44", "http")


def test_the_line_of_the_issue_reads_well(host: Host) -> None:
    token = host.plant("web")
    url = host.text(token, "url")
    host.use(
        "sh", "-c", f'curl -s -A "$(id -un) on $(hostname) ran: nc $*" {url}', "nc", "-l", "44"
    )
    trip = host.trip(token, channel="http")
    assert trip.summary.startswith(
        f"“{USER} on {socket.gethostname()} ran: nc -l 44” carried by GET"
    )


@pytest.mark.parametrize("length", [5, 20, 63, 150, 170, 181, 189])
def test_names_fit_beside_any_zone(length: int) -> None:
    labels = "".join(("z" * 62 + ".") * 4)[: length - 3].rstrip(".")
    site = Site(f"{labels}.no", "http://a.example", bytes(32))
    token_id = TokenId("t" * 40)
    snippets = [s for s in write_snippets(site, token_id) if s.name == "getent"]
    assert bool(snippets) == (length < 185)
    for snippet in snippets:
        size = int(snippet.text.split("fold -w ")[1].split()[0])
        width = int(snippet.text.split(r"s/.\{")[1].split(r"\}")[0])
        labels = ".".join(["a" * width] * (size // width))
        assert size % 8 == width % 8 == 0 and width <= 60
        assert len(f"{labels}.x64-64-01234567.{site.hostname(token_id)}") <= NAME_LENGTH_MAX


def test_what_was_not_tried_says_so() -> None:
    snippets = write_snippets(SECURE, TokenId("x" * 20))
    untried = {s.name for s in snippets if s.proof.sureness is Sureness.UNVERIFIED}
    assert untried == {"PowerShell", "cmd"}
    assert {s.via for s in snippets} == {"http", "dns"}
    assert len({(s.name, s.via) for s in snippets}) == len(snippets)
    assert not any(re.search(r"@[a-z_]+@|\n$", s.text) for s in snippets)
