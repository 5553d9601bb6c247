"""What each parser promises, as a function of any bytes.

The law: it returns, asks for more, or raises `RemoteProtocolError`; what it reports survives the
ledger; what it answers has a bound. A harness raises nothing else, or there is a defect.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.base.ids import IdKeys, IdShape, TokenId
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.dns import DNSFront, Zone
from serinus.edge.dns_stream import DNSStream
from serinus.edge.http import STRETCHES_MAX, HTTPFront
from serinus.formats.markup import read_markup
from serinus.formats.package import FormatError, Manner, read_package, write_package
from serinus.model.answer import Answer
from serinus.model.touch import Evidence, Touch, read_touch, write_touch
from serinus.tokens.catalogue import KINDS
from serinus.tokens.kind import Kind, Token, options_schema, read_options
from serinus.wire.conversation import Close, Command, Conversation, Report, Send
from serinus.wire.dns import UDP_SIZE_MAX, name_text, read_name, read_query
from serinus.wire.http1 import BODY_KEPT_MAX, Continue, Fault, RequestError, RequestReader
from serinus.wire.proxy import read_proxy_header
from serinus.wire.tls_hello import read_hello

KEYS = IdKeys(IdShape(20, "abcdefghijklmnopqrstuvwxyz234567"), (b"fuzz" * 8,))
LIVE = KEYS.mint(lambda size: b"\x17" * size)
NOW = 1_700_000_000.0
PEER = "10.0.0.1"
OUTPUT_MAX = 1 << 20
"""Bytes that one input may make us send; far above what any lawful input does."""
PIECES_MAX = 64
SUMMARY_MAX = 2_000
FACT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Harness:
    """A parser under test, with inputs to begin from."""

    fuzz: Callable[[bytes], None]
    seeds: Sequence[bytes]


def fuzz_dns(data: bytes) -> None:
    """One message: to the codec, to the front as a datagram, and in pieces as a stream."""
    with suppress(RemoteProtocolError):
        query = read_query(data)
        name_text(query.labels)
    with suppress(RemoteProtocolError):
        read_name(data, 0)
    front = DNSFront(KEYS, _ZONES, "e")
    response, touch = front.answer(data, PEER, 53, "udp", "", NOW)
    short, seen = DNSFront(KEYS, _ZONES, "e").answer_datagram(data, PEER, 53, NOW)
    assert short == response
    assert seen in (touch, touch and write_touch(touch))
    assert response is None or len(response) <= UDP_SIZE_MAX
    _keep(touch)
    _talk(DNSStream(front, PEER, 53, ""), data)


def fuzz_http(data: bytes) -> None:
    """A stream of requests, cut as the input says: to the reader, and to each dialect's front."""
    choice = data[0] if data else 0
    reader = RequestReader(frozenset(Fault) if choice & 1 else frozenset())
    for piece in _pieces(data):
        reader.feed(piece)
        try:
            while (request := reader.read()) is not None:
                assert isinstance(request, Continue) or len(request.body) <= BODY_KEPT_MAX
        except RequestError as error:
            assert len(error.request.body) <= BODY_KEPT_MAX
            break
    else:
        reader.unfinished()
    front = _FRONTS[choice >> 1 & 1]
    _talk(front.conversation(PEER, 999, "192.0.2.2:80", "tcp", misdirected=bool(choice & 4)), data)


def fuzz_proxy(data: bytes) -> None:
    """A PROXY header, whole, and then behind a trusted peer with a request after it."""
    with suppress(RemoteProtocolError):
        header = read_proxy_header(data)
        assert header is None or 0 <= header.source_port <= 65535
        assert header is None or header.size <= len(data)
    _talk(
        _FRONTS[0].conversation(PEER, 999, "192.0.2.2:80", "tcp"), data + b"GET / HTTP/1.0\r\n\r\n"
    )


def fuzz_client_hello(data: bytes) -> None:
    """A record as it is, and the bytes as the body of a well-framed one."""
    framed = b"\x01" + len(data).to_bytes(3, "big") + data
    for record in (data, b"\x16\x03\x01" + (len(framed) & 0xFFFF).to_bytes(2, "big") + framed):
        with suppress(RemoteProtocolError):
            hello = read_hello(record)
            if hello is not None:
                json.dumps(hello)
                assert len(hello.ja3) == 32
                assert hello.ja4.isascii()


def fuzz_token_ids(data: bytes) -> None:
    """Any text, alone and around a live id."""
    for found in KEYS.find(data, STRETCHES_MAX):
        # A fuzzer that watches comparisons learns tails, so other ids than ours may turn up.
        assert KEYS.recognise(found.encode()) == found
    glued = data + b"/" + LIVE.upper().encode() + b"/" + data
    assert LIVE in KEYS.find(glued, 1 << 20)
    stretches = list(KEYS.candidates(data, STRETCHES_MAX))
    assert len(stretches) <= STRETCHES_MAX
    for stretch in stretches:
        assert len(stretch) == KEYS.shape.length
        KEYS.has_shape(stretch)


def fuzz_touch(data: bytes) -> None:
    """A touch whose detail is any JSON, read by every kind; and any bytes as what it carries."""
    text = data.decode("latin-1")
    details: list[object] = [
        {"method": "POST", "body": text, "line": text, "found": [text]},
        {"left": text.split("."), "target": text, "headers": [["User-Agent", text], ["X", text]]},
    ]
    with suppress(ValueError, RecursionError):
        details.append(json.loads(data))
    for detail in details:
        if not isinstance(detail, dict):
            continue
        for channel in ("dns", "http"):
            touch = Touch("t", NOW, channel, "tcp", PEER, 1, (LIVE,), detail)
            _keep(touch)
            for token in _TOKENS:
                kind = next(kind for kind in KINDS if kind.name == token.kind)
                trip = kind.interpret(touch, token)
                assert trip is not None
                assert len(trip.summary) <= SUMMARY_MAX
                assert all(len(value) <= FACT_MAX for _, value in trip.facts)


def _talk(mind: Conversation, data: bytes) -> None:
    """Drive a conversation as a shell does, with the bytes cut as they themselves say."""
    sent = _obey(mind.opened(NOW))
    for piece in _pieces(data):
        if sent is None:
            return
        more = _obey(mind.received(piece, NOW))
        sent = None if more is None else sent + more
        assert sent is None or sent <= OUTPUT_MAX + 64 * len(data)
    if sent is not None and _obey(mind.woken(NOW + 1000)) is not None:
        _obey(mind.closed(NOW + 1001))


def _obey(commands: Sequence[Command]) -> int | None:
    """Return the bytes sent, or None once the conversation is over."""
    sent = 0
    for command in commands:
        if isinstance(command, Report):
            _keep(command.touch)
        elif isinstance(command, Send):
            sent += len(command.data)
        elif isinstance(command, Close):
            return None
    return sent


def _keep(touch: Evidence | None) -> None:
    if touch is not None:
        written = touch if isinstance(touch, str) else write_touch(touch)
        written.encode()
        kept = read_touch(written)
        assert read_touch(write_touch(kept)) == kept


def _pieces(data: bytes) -> list[bytes]:
    """Cut the bytes at places that follow from themselves."""
    if len(data) < 2:
        return [data]
    step = max(1 + data[-1], -(-len(data) // PIECES_MAX))
    return [data[at : at + step] for at in range(0, len(data), step)]


def _token(kind: Kind) -> Token:
    """Return a token, with the first value that its kind takes for what it cannot do without."""
    required = [option.name for option in options_schema(kind) if option.required]
    for value in ("https://x.example/", "/etc/hosts", "nc", "nc.exe", b"\x89PNG\r\n\x1a\n"):
        with suppress(OperatorError):
            options = read_options(kind, dict.fromkeys(required, value))
            return Token(LIVE, kind.name, "fuzz", options, datetime.fromtimestamp(NOW, UTC))
    raise ValueError(f"no value does for the options of {kind.name}")


def _no_answer(_token: TokenId) -> Answer | None:
    return None


def _front(make: Callable[[float], object]) -> HTTPFront:
    return HTTPFront(
        *(KEYS, make(NOW), ["t.example"], _no_answer, b"GIF", "image/gif", "e"),  # type: ignore[arg-type]
        trusted_proxies=[ip_network("10.0.0.0/8")],
    )


_ZONES = [
    Zone("t.example", ("192.0.2.1",), ("2001:db8::1",), 1, ("ns1", "ns2"), 60),
    Zone("deep.t.example", ("192.0.2.1",), (), 1, ("a", "b"), 60),
]
_FRONTS = (_front(make_nginx), _front(make_apache))
# Most kinds read a touch by the same function; one of each is enough.
_TOKENS = [_token(kind) for kind in {type(kind).interpret: kind for kind in KINDS}.values()]
_NAME = bytes([len(LIVE)]) + LIVE.encode() + b"\x01t\x07example\x00"
_QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + _NAME + b"\x00\x01\x00\x01"
_EDNS = (
    _QUERY[:11] + b"\x01" + _QUERY[12:] + b"\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x0b"
    b"\x00\x08\x00\x07\x00\x01\x18\x00\xc0\x00\x02"
)
_HELLO = (
    b"\x03\x03" + b"\x00" * 32 + b"\x00\x00\x04\x13\x01\x0a\x0a\x01\x00\x00\x25"
    b"\x00\x00\x00\x08\x00\x06\x00\x00\x03abc\x00\x10\x00\x05\x00\x03\x02h2"
    b"\x00\x2b\x00\x03\x02\x03\x04\x00\x0a\x00\x04\x00\x02\x00\x1d\x00\x0d\x00\x00"
)
_GET = f"GET /a/{LIVE}/b.gif HTTP/1.1\r\nHost: x.t.example\r\n\r\n".encode()
_CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    b"14\r\n" + LIVE.encode() + b"\r\n0\r\nA: b\r\n\r\n"
)


def fuzz_package(data: bytes) -> None:
    """An upload: to the package's reader, and each part of it to the reader of XML."""
    with suppress(FormatError):
        package = read_package(data)
        again = read_package(package.splice({package.names[0]: b"<a/>"}))
        assert again.names == package.names
        for name in package.names:
            with suppress(FormatError):
                read_markup(package.read(name), ("a",), 1)
    with suppress(FormatError):
        read_markup(data, ("a",), 1)


_PACKAGE = write_package(
    [("mimetype", b"a"), ("a.xml", b"<a><b/></a>")], Manner(datetime(2026, 1, 1, tzinfo=UTC))
)

HARNESSES = {
    "dns": Harness(fuzz_dns, [_QUERY, _EDNS, b"\x00\x24" + _QUERY]),
    "http": Harness(
        fuzz_http, [_GET, _CHUNKED, b"GET /\r\n", b"PUT / HTTP/1.0\r\nA:b\r\n c\r\n\r\n"]
    ),
    "proxy": Harness(
        fuzz_proxy,
        [
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
            b"PROXY UNKNOWN\r\n",
            b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
        ],
    ),
    "client_hello": Harness(fuzz_client_hello, [_HELLO]),
    "token_ids": Harness(fuzz_token_ids, [LIVE.encode(), b"%2f" + LIVE.encode() + b"x"]),
    "package": Harness(fuzz_package, [_PACKAGE, b'<a x="1"><a/>b</a>']),
    "touch": Harness(
        fuzz_touch,
        [
            b'{"name":"a","type":"A","left":["x"],"edns":{"client_subnet":"1/8"}}',
            b'{"line":"GET /","headers":[["User-Agent","x"]],"tls":{"sni":null},"body_size":1}',
            b'{"method":"POST","body":"{\\"a1\\":{\\"platform\\":[1,{}]}}"}',
            b"ojxw65ban5xca53fmiyq.1-2-k7f3",
            b"NBSWY3DPEBTHE33NEBUG643UGQZA.G42",
            b"/a/b?c=cm9vdCBvbiB3ZWIx",
        ],
    ),
}
