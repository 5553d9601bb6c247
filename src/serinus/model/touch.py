"""A touch: one contact on a wire, as the edge saw it. It crosses from the edge to the worker."""

import json
from typing import Any, Final, Literal, NamedTuple, NewType

from serinus.base.ids import TokenId

Channel = Literal["dns", "http"]
Transport = Literal["udp", "tcp", "tls"]

TOKENS_MAX = 8
"""Ids kept of one touch; somebody who packs more into one request tells us nothing more."""


class Touch(NamedTuple):
    """One contact on a wire that holds at least one id of ours.

    A named tuple, because one is made for every hit and it costs a fifth of a frozen dataclass.

    Attributes:
        id: Unique over all edges and restarts; whatever follows is idempotent on it.
        at: Unix time in seconds when the edge read it.
        channel: The front that saw it.
        transport: What carried it.
        source: Address of the other end (of the client, where a trusted proxy named it).
        source_port: Its port, or 0 where unknown.
        tokens: The ids found, at most `TOKENS_MAX`, the one that decided the answer first.
        detail: The evidence, JSON values only; text from the wire is Latin-1, so that no byte is
            lost. Its shape depends on the channel: see `DNSDetail` and `HTTPDetail`.
    """

    id: str
    at: float
    channel: Channel
    transport: Transport
    source: str
    source_port: int
    tokens: tuple[TokenId, ...]
    detail: dict[str, Any]


WrittenTouch = NewType("WrittenTouch", str)
"""A touch as `write_touch` writes it, where it is made in no other form."""

Evidence = Touch | WrittenTouch

DNSDetail = """
name: the full name as asked, case kept, dots between labels, bytes outside 0x21-0x7e and `.`, `\\`
    inside a label as \\DDD (RFC 4343 §2.1)
type: "A", "TXT", … or "TYPE123";  class: "IN" or "CLASS3"
left: list of the labels left of the token, outermost first (carried data), same escapes
zone: our zone it fell under;  id: the message id;  flags: the header's 16 flag bits
edns: null or {"size": int, "do": bool, "client_subnet": text or null}
"""

HTTPDetail = """
line: the request line as sent;  method, target, version: its parts
headers: list of [name, value] in order and case;  host: the Host header or null
    (written, these six are one text, "head": the line and each "NAME: VALUE", by line feeds)
body: the first 64 KiB;  body_size: bytes that came
found: list of where each id was found: "host", "path", "query", "header NAME", "sni", "body",
    or "line" where the request line has no target
local: "ADDRESS:PORT" that was reached;  peer: the socket's other end when a proxy stood between
tls: null or {"version", "cipher", "sni", "alpn", "ja3", "ja4"}, each of them text or null
A TLS session that ended without a request has "" for line, method, target and version, and no
headers; where its handshake failed, version, cipher and alpn are null.
"""


_write = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""Made once: `json.dumps` makes an encoder for every call."""


quote: Final = json.encoder.encode_basestring_ascii
"""Writes a text as JSON, as `write_touch` does."""


def write_touch(touch: Touch) -> str:
    """Return the touch as one JSON array, in the order of its fields."""
    return _write(touch)


def read_touch(text: str) -> Touch:
    """Return the touch that `write_touch` wrote, the head of an HTTP request taken apart."""
    *fields, tokens, detail = json.loads(text)
    if "head" in detail:
        detail = {**_read_head(detail.pop("head")), **detail}
    return Touch._make((*fields, tuple(tokens), detail))


def _read_head(head: str) -> dict[str, Any]:
    """Return what `HTTPDetail` says of a request's head; a line and a header hold no line feed."""
    line, *fields = head.split("\n")
    method, *words = line.split(" ")
    version = words.pop() if len(words) > 1 else "HTTP/0.9" if words else ""
    headers = [field.split(": ", 1) for field in fields]
    return {
        "line": line,
        "method": method,
        "target": " ".join(words),
        "version": version,
        "headers": headers,
        "host": next((value for name, value in headers if name.lower() == "host"), None),
    }
