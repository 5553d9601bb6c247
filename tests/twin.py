"""`python -m twin COUNT`: what the edge's modules do with many generated inputs, a line for each.

Run once over the interpreted package and once over the compiled one; `test_native` compares.
"""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from serinus.base.ids import IdKeys, IdShape
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.dns import DNSFront, Zone
from serinus.edge.dns_stream import DNSStream
from serinus.edge.http import HTTPFront
from serinus.ledger.store import _read_row
from serinus.model.answer import Answer
from serinus.model.touch import Touch, write_touch
from serinus.wire.conversation import Close, Conversation
from serinus.wire.dns import read_broken_query, read_query

NOW = 1_700_000_000.25
PEER = "203.0.113.9"
DRAW = random.Random(5)
KEYS = IdKeys(IdShape(20, "abcdefghijklmnopqrstuvwxyz234567"), (b"twin" * 8, b"olds" * 8))
LIVE, GONE, SPECIAL = (KEYS.mint(DRAW.randbytes) for _ in range(3))
ZONES = [
    Zone("t.example", ("192.0.2.1", "192.0.2.2"), ("2001:db8::1",), 7, ("ka", "kb"), 30,
         txt=lambda name: ["one"], nxdomain=lambda token: token == GONE),
    Zone("deep.t.example", ("198.51.100.1",), (), 1, ("n",), 30),
]  # fmt: skip
ANSWERS = {SPECIAL: Answer(302, (("Location", "https://x.example/"), ("X-A", "é")), b"moved")}


def _name(*labels: bytes) -> bytes:
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _queries() -> list[bytes]:
    heads = [b"\x12\x34\1\0\0\1\0\0\0\0\0\0", b"\x12\x34\0\x10\0\1\0\0\0\0\0\1"]
    opts = [
        b"",
        b"\0\0\x29\4\xd0\0\0\x80\0\0\0",
        b"\0\0\x29\x10\0\0\0\0\0\0\x0b\0\x08\0\7\0\1\x18\0\xc0\0\2",
    ]
    names = [
        _name(label, *zone)
        for label in (LIVE.encode(), GONE.encode().upper(), b"z" * 20, b"x.y", b"www")
        for zone in ((b"t", b"ExAmple"), (b"deep", b"t", b"example"), (b"other", b"test"))
    ]
    types = [1, 2, 6, 16, 28, 65, 251, 252, 255]
    return [
        DRAW.choice(heads)[:11]
        + (b"\1" if opt else b"\0")
        + name
        + type_.to_bytes(2, "big")
        + b"\0\1"
        + opt
        for name in names
        for type_ in types
        for opt in opts
    ]


def _requests() -> list[bytes]:
    pixel, moved = f"/a/{LIVE}/b.gif", f"/{SPECIAL}?q=%41"
    host = f"Host: {LIVE}.t.example\r\n"
    return [
        text.encode("latin-1")
        for text in (
            f"GET {pixel} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\nGET / HTTP/1.0\r\n\r\n",
            f"HEAD {moved} HTTP/1.1\r\n{host}User-Agent: é\r\nConnection: close\r\n\r\n",
            f"POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n14\r\n{GONE}\r\n0\r\n\r\n",
            f"PUT / HTTP/1.1\r\n{host}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n{LIVE}",
            f"GET http://t.example/%69{LIVE[1:]} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            f"OPTIONS * HTTP/1.1\r\nHost: x\r\nReferer: /{LIVE}\r\nCookie: a={SPECIAL}\r\n\r\n",
            f"PROXY TCP4 192.0.2.9 192.0.2.1 99 80\r\nGET {moved} HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET {pixel}\r\n", "\x16\x03\x01\0\5hello", "TRACE / HTTP/9.9\r\nHost: x\r\n\r\n",
        )
    ]  # fmt: skip


def _damage(data: bytes) -> bytes:
    """Return the bytes, half of the times with something changed, cut, doubled or thrown in."""
    broken = bytearray(data)
    for _ in range(DRAW.choice((0, 0, 0, 1, 2, 5))):
        at = DRAW.randrange(len(broken) + 1)
        piece = DRAW.choice(
            (b"", DRAW.randbytes(1), b"\xc0\x0c", b"\r\n", b": ", b"\0", b"%", b"\xff" * 9)
        )
        broken[at : at + DRAW.choice((0, 1, 1, 3))] = piece
    if DRAW.random() < 0.2:
        del broken[DRAW.randrange(len(broken) + 1) :]
    return bytes(broken) if DRAW.random() < 0.95 else DRAW.randbytes(DRAW.randrange(200))


def _talk(mind: Conversation, data: bytes) -> list[object]:
    """Return the commands of a conversation that gets the bytes in pieces."""
    found: list[object] = [*mind.opened(NOW)]
    while data and not any(isinstance(one, Close) for one in found):
        size = DRAW.choice((1, 7, 60, 4096))
        found += mind.received(data[:size], NOW)
        data = data[size:]
    if not any(isinstance(one, Close) for one in found):
        found += [*mind.woken(NOW + 3600), *mind.closed(NOW + 3601)]
    return found


def _said(call: Callable[[], object]) -> str:
    try:
        return repr(call())
    except Exception as error:
        return f"raised {type(error).__name__}"


def _dns(count: int) -> Iterator[str]:
    queries = _queries()
    front, short = DNSFront(KEYS, ZONES, "e"), DNSFront(KEYS, ZONES, "e")
    for _ in range(count):
        data = _damage(DRAW.choice(queries))
        yield _said(lambda data=data: front.answer(data, PEER, 53, "udp", "", NOW))  # type: ignore[misc]
        yield _said(lambda data=data: tuple(short.answer_datagram(data, PEER, 53, NOW)))  # type: ignore[misc]
        yield _said(lambda data=data: read_query(data))  # type: ignore[misc]
        yield _said(lambda data=data: read_broken_query(data))  # type: ignore[misc]
        framed = len(data).to_bytes(2, "big") + data
        yield _said(lambda data=framed: _talk(DNSStream(front, PEER, 1, "x"), data * 2))  # type: ignore[misc]


def _http(count: int) -> Iterator[str]:
    requests = _requests()
    fronts = [
        HTTPFront(KEYS, make(NOW), ("t.example",), ANSWERS.get, b"GIF89a;", "image/gif", "e", [])
        for make in (make_nginx, make_apache)
    ]
    for number in range(count):
        data = _damage(DRAW.choice(requests))
        mind = fronts[number % 2].conversation(PEER, 9, "192.0.2.2:80", "tcp")
        yield _said(lambda mind=mind, data=data: _talk(mind, data))  # type: ignore[misc]


def _ids(count: int) -> Iterator[str]:
    for _ in range(count):
        data = _damage(
            b"/".join(DRAW.choices((LIVE.encode(), GONE.encode(), b"abc", b"q" * 50), k=3))
        )
        yield _said(lambda data=data: (KEYS.find(data, 8), KEYS.candidates(data, 3)))  # type: ignore[misc]
        yield _said(lambda data=data: (KEYS.recognise(data[:20]), KEYS.has_run(data)))  # type: ignore[misc]


def _rows(count: int) -> Iterator[str]:
    detail = {"head": "GET / HTTP/1.1\nHost: x", "body": "\xff", "n": [1, None, True, 0.5]}
    rows = [
        write_touch(Touch("t", NOW, "http", "tcp", PEER, 1, (LIVE,), detail)).encode(),
        b'["t",1,"dns","udp","::1",1,["a",2],{"a":{}}]', b'[1,2,3,4,5,6,7,8]', b'["t",1,"a"]',
        b'["t",1,"dns","udp",null,"1",["a"],[]]', b'{"a":1}', b"[" * 3000, b'"\\ud800"', b"null",
    ]  # fmt: skip
    for _ in range(count):
        data = _damage(DRAW.choice(rows))
        yield _said(lambda data=data: _read_row(data))  # type: ignore[misc]


def main(arguments: Sequence[str]) -> None:
    """Print where the modules named behind the count come from, and then a line for each input."""
    count, *modules = arguments
    for module in modules:
        sys.stdout.write(f"{import_module(module).__file__}\n")
    sys.stdout.write("\n")
    for source in (_dns, _http, _ids, _rows):
        for line in source(int(count)):
            sys.stdout.write(f"{source.__name__} {line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
