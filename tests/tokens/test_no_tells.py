"""Nothing that two tokens share tells that one hand made both: 50 of each kind on two deployments.

What an intruder may hold of a token (artefacts, and the edge's own answer) is cut where the format
wants what stands there (`format_words`), at the operator's words, at drawn words and at dates. No
run of `RUN` bytes of what is left may stand in two tokens.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from serinus.base.entropy import Entropy
from serinus.base.ids import TokenId, draw_keys
from serinus.tokens import drawing, site
from serinus.tokens.catalogue import KINDS, kind_named
from serinus.tokens.kind import Kind, Token, read_options
from serinus.tokens.site import Site
from tokens.format_words import EVERYWHERE, FORMAT_WORDS
from tokens.test_kinds import LAWFUL

RUN = 8
"""Bytes: shorter ones coincide in any two texts."""
TOKENS = 50
COSTLY = {"gcp": 4}
"""Of these fewer: an RSA key takes half a second. All of them are drawn in the slow form."""
SHOWN_MAX = 40
NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
MEMO = "In the drawer"
SOME_ID = "k3j5h2g9d8s7a6q1w4e5r6t7y8"
"""Stands for the id of every token, so that one pattern serves them all."""
FOR_THE_OWNER = frozenset({"install", "remove", "source"})
"""Artefacts that tell the owner what to do or are compiled; nobody plants them."""
TELLING = re.compile(rb"serinus|canary|honey", re.IGNORECASE)
DATE = (
    rb"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
    rb"|((Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? )?\d?\d \w{3,9} \d{4}( \d\d:\d\d:\d\d)?( GMT)?"
)
_LISTS = (
    *(drawing.FIRST_NAMES, drawing.LAST_NAMES, drawing.PROJECTS, drawing.ROLES),
    *(site.DIRECTORIES, site.PICTURES, site.PAGES),
)
DRAWN = frozenset(word.lower().encode() for words in _LISTS for word in words)
_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+")


class Deployment:
    """A seed, a zone and id keys of its own."""

    def __init__(self, zone: str) -> None:
        chance = Site("x", "http://x", zone.encode().ljust(32)[:32])
        self._entropy: Entropy = chance.entropy(TokenId("x"), "deployment")
        self.keys = draw_keys(self._entropy)
        self.site = Site(zone, f"https://{zone}", self._entropy(32))

    def mint(self, kind: Kind) -> Token:
        """One more token of the kind."""
        options = read_options(kind, LAWFUL.get(kind.name, [{}])[0])
        minutes = int.from_bytes(self._entropy(2), "big")
        at = NOW - timedelta(minutes=minutes)
        return Token(self.keys.mint(self._entropy), kind.name, MEMO, options, at)


def plain(content: bytes) -> bytes:
    """The content; wide text, and files of Windows that hold it, without their zeros."""
    return content.replace(b"\0", b"") if content.startswith((b"\xff\xfe", b"L\0\0\0")) else content


def held(kind: Kind, token: Token, deployment: Deployment) -> Iterator[bytes]:
    """Everything of the token that an intruder may hold."""
    for artefact in kind.artefacts(token, deployment.site):
        if artefact.name in FOR_THE_OWNER:
            continue
        yield (artefact.file_name or "").encode()
        content = artefact.content()
        if not content.startswith(b"PK"):
            yield plain(content)
            continue
        with ZipFile(BytesIO(content)) as package:
            for info in package.infolist():
                yield plain(package.read(info))
                yield info.filename.encode()
                yield repr((info.date_time, info.extra)).encode()
    answer = kind.answer(token, deployment.site)
    if answer is not None:
        yield answer.body
        yield from (value.encode() for _, value in answer.headers)


def pieces(kind: Kind, token: Token, deployment: Deployment) -> Iterator[bytes]:
    """What is held, without what is explained."""
    known = [*EVERYWHERE, *FORMAT_WORDS.get(kind.name, {})]
    given = [SOME_ID, deployment.site.zone, MEMO]
    values = [
        v for v in LAWFUL.get(kind.name, [{}])[0].values() if v and isinstance(v, str | bytes)
    ]
    words = [w.encode() if isinstance(w, str) else w for w in [*given, *values]]
    explained = re.compile(b"|".join([*map(re.escape, words), *known, DATE]), re.IGNORECASE)
    own = re.compile(re.escape(token.id).encode(), re.IGNORECASE)
    for artefact in held(kind, token, deployment):
        text = own.sub(SOME_ID.encode(), artefact)
        for piece in cut(text, explained.finditer(text)):
            drawn = (found for found in _WORD.finditer(piece) if found[0].lower() in DRAWN)
            yield from cut(piece, drawn)


def cut(text: bytes, places: Iterator[re.Match[bytes]]) -> Iterator[bytes]:
    """What lies between the places, if it is long enough for a run."""
    start = 0
    for found in places:
        if found.start() - start >= RUN:
            yield text[start : found.start()]
        start = found.end()
    if len(text) - start >= RUN:
        yield text[start:]


def shared_runs(kind: Kind, tokens: int) -> list[tuple[bytes, int]]:
    """The longest runs that more than one token holds, with how many do."""
    deployments = (Deployment("files.example.net"), Deployment("cdn.assets.example.org"))
    everything: list[list[bytes]] = []
    counts: Counter[bytes] = Counter()
    for deployment in deployments:
        for _ in range(tokens):
            token = deployment.mint(kind)
            found = list(pieces(kind, token, deployment))
            everything.append(found)
            counts.update({p[i : i + RUN] for p in found for i in range(len(p) - RUN + 1)})
    return list(dict(sorted(_longest(everything, counts), key=lambda pair: -pair[1])).items())


def _longest(
    everything: Sequence[Sequence[bytes]], counts: Counter[bytes]
) -> Iterator[tuple[bytes, int]]:
    for found in everything:
        for piece in found:
            start, fewest = 0, 0
            for i in range(len(piece) - RUN + 2):
                count = counts[piece[i : i + RUN]] if i <= len(piece) - RUN else 0
                if count > 1:
                    fewest = min(fewest or count, count)
                elif fewest:
                    yield piece[start : i + RUN - 1], fewest
                    fewest = 0
                if not fewest:
                    start = i + 1


def check_shared(name: str, tokens: int) -> None:
    found = shared_runs(kind_named(name), tokens)
    assert not found, "\n".join(f"{count:3} {run!r}" for run, count in found[:SHOWN_MAX])


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_two_tokens_share_nothing_that_the_format_does_not_demand(name: str) -> None:
    check_shared(name, COSTLY.get(name, TOKENS))


@pytest.mark.slow
@pytest.mark.parametrize("name", COSTLY)
def test_so_do_many_that_are_costly_to_make(name: str) -> None:
    check_shared(name, TOKENS)


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_no_token_names_what_it_is(name: str) -> None:
    kind = kind_named(name)
    deployment = Deployment("files.example.net")
    for _ in range(COSTLY.get(name, TOKENS)):
        for text in held(kind, deployment.mint(kind), deployment):
            assert not TELLING.search(text)
        for piece in pieces(kind, deployment.mint(kind), deployment):
            # Where the format itself says it, its words are cut out already.
            assert b"token" not in piece.lower(), piece


def test_every_format_word_is_one_of_a_kind_and_has_a_reason() -> None:
    assert set(FORMAT_WORDS) <= {kind.name for kind in KINDS}
    for patterns in (EVERYWHERE, *FORMAT_WORDS.values()):
        assert all(map(str.strip, patterns.values()))
        for pattern in patterns:
            assert not re.search(pattern, b"")
