"""The HTTP front: every request that holds an id is a touch; the surface tells nothing.

Rules:
- Any method, any fault, any unfinished request: where an id is in it, it is reported first.
- The answer depends on the target alone. Live, dead and never minted ids of our shape are answered
  alike, unless a token has an `Answer` of its own.
- What is not an id is answered as the imitated product answers a missing file.
"""

import base64
import binascii
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from serinus.base.errors import RemoteProtocolError
from serinus.base.ids import IdKeys, TokenId
from serinus.edge.dialects import REDIRECTS, UNFRAMED, Dialect, File, Reply, date_text
from serinus.edge.dialects.conditions import is_conditional
from serinus.edge.http_evidence import HTTPEvidence
from serinus.model.answer import Answer
from serinus.model.touch import TOKENS_MAX, Transport
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake
from serinus.wire.http1 import (
    CONTINUE,
    NOTHING,
    REQUESTS_MAX,
    Blocks,
    Continue,
    Fault,
    Request,
    RequestError,
    RequestReader,
)
from serinus.wire.proxy import read_proxy_header

HEADERS_TIME_S = 20.0
"""Seconds for a request line and headers, from their first byte or the connection's opening."""
BODY_TIME_S = 60.0
"""Seconds for a body, from the end of its headers."""
STRETCHES_MAX = 512
"""Stretches of one request that are tried as ids: a hash each and per key, so 1 ms at most."""
FORWARDED_MAX = 32
"""Addresses of X-Forwarded-For that are looked at, from the right."""
ANSWERS_SIZE_MAX = 8 * 1024 * 1024
"""Bytes that requests sent at once are answered with; the answer that passes it is the last."""
WRITTEN_MAX = 256
"""Answers kept written for the current second."""

PICTURES = (b".gif", b".png", b".jpg", b".jpeg", b".webp", b".ico")
MISSING = (b"/robots.txt", b"/favicon.ico")
"""Paths that crawlers and browsers ask of every host: never a surface."""
_OURS = ("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding")
_EMPTY = File("text/html", b"")
_READS = (b"GET", b"HEAD", b"POST")
"""Methods that get a token's answer (a page may post to itself); others get what a file gives."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class HTTPFront:
    """What all HTTP conversations of an edge share.

    Args:
        keys: Shape and keys of our ids.
        dialect: The product to speak as.
        zones: Our zones; their own labels are not searched for ids.
        lookup: The `Answer` of a token, or None.
        pixel: The picture that a picture's path gets.
        pixel_type: Its media type.
        edge_id: Unique to this run of this edge; begins the ids of touches.
        trusted_proxies: Networks whose PROXY header and X-Forwarded-For are believed.
    """

    def __init__(
        self,
        keys: IdKeys,
        dialect: Dialect,
        zones: Sequence[str],
        lookup: Callable[[TokenId], Answer | None],
        pixel: bytes,
        pixel_type: str,
        edge_id: str,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self.keys = keys
        self.dialect = dialect
        self.lookup = lookup
        self.trusted_proxies = tuple(trusted_proxies)
        self.blocks = Blocks()
        self.evidence = HTTPEvidence(keys, edge_id)
        self._zones = tuple(b"." + zone.strip(".").lower().encode() for zone in zones)
        self._pixel = File(pixel_type, pixel)
        self._second = -1
        self._date = ""
        self._written: dict[tuple[bool, bool, bytes | None, int], bytes] = {}

    def conversation(
        self,
        source: str,
        source_port: int,
        local: str,
        transport: Transport,
        tls: dict[str, Any] | None = None,
        peer: str | None = None,
        misdirected: bool = False,
    ) -> "HTTPConversation":
        """Return the mind of one connection.

        Args:
            source: Address of the other end.
            source_port: Its port.
            local: "ADDRESS:PORT" that was reached.
            transport: What carries it.
            tls: What is known of the TLS session.
            peer: Address of the proxy that named `source` before the TLS session began.
            misdirected: It came without TLS to a port of HTTPS.
        """
        return HTTPConversation(self, source, source_port, local, transport, tls, peer, misdirected)

    def open_plain(self, local: str, source: str, source_port: int) -> "HTTPConversation":
        """Return the mind of a connection without TLS; `conversation` tells of the rest."""
        return HTTPConversation(self, source, source_port, local, "tcp", None, None, False)

    def trusts(self, address: str) -> bool:
        """Tell whether `address` is one of the operator's proxies."""
        if not self.trusted_proxies:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted_proxies)

    def date(self, now: float) -> str:
        """Return the Date header's text, made once a second."""
        if int(now) != self._second:
            self._second = int(now)
            self._date = date_text(now)
            self._written.clear()
        return self._date

    def search(
        self, request: Request, sni: bytes = b""
    ) -> tuple[dict[TokenId, str], list[TokenId], File | None]:
        """Search a request, and the server name of its TLS session, for ids.

        Returns:
            Each id with the place where it was first found; the ids in the target; the file that
            a target without an `Answer` stands for, or None.
        """
        keys, left = self.keys, STRETCHES_MAX
        path, query = _decoded(request.target)
        host = request.fields.get(b"host", b"").lower()
        if len(host) >= keys.shape.length:  # A shorter one holds no id.
            host = _strip_zone(host, self._zones)
        found: dict[TokenId, str] = {}
        shaped = False
        if not request.target:
            left = self._search_more("line", b"", request.line, left, found)
        for place, text in (("host", host), ("path", path), ("query", query)):
            for stretch in keys.candidates(text, left):
                left -= 1
                if keys.has_shape(stretch):
                    shaped = True
                    token = keys.recognise(stretch)
                    if token is not None:
                        found.setdefault(token, place)
        aimed = list(found)
        if left > 0 and request.headers and self.evidence.may_hold_ids(request):
            left = self._search_headers(request, left, found)
            # What is sent to a proxy has another's target; it is aimed at whom one signs in to.
            aimed += [t for t, p in found.items() if p.lower() == "header proxy-authorization"]
        if sni and left > 0:
            server = _strip_zone(sni.lower(), self._zones)
            left = self._search_more("sni", b"", server, left, found)
        if request.body and left > 0:
            self._search_more("body", b"", request.body, left, found)
        return found, aimed, self._surface(path) if shaped else None

    def _search_headers(self, request: Request, left: int, found: dict[TokenId, str]) -> int:
        """Search names and values, also as they read without percent signs or Base64."""
        first = True
        for name, value in request.headers:
            is_host, text = name.lower() == b"host", value
            if is_host:
                text = b"" if first else _strip_zone(value.lower(), self._zones)
                first = False
            if b"%" in value:
                plain = unquote_to_bytes(value)
                text += b"\n" + (_strip_zone(plain.lower(), self._zones) if is_host else plain)
            if value[:6].lower() == b"basic ":
                text += b"\n" + _basic(value[6:])
            left = self._search_more("header ", name, name + b"\n" + text, left, found)
        return left

    def _search_more(
        self, place: str, name: bytes, text: bytes, left: int, found: dict[TokenId, str]
    ) -> int:
        for stretch in self.keys.candidates(text, left):
            left -= 1
            token = self.keys.recognise(stretch)
            if token is not None:
                found.setdefault(token, place + name.decode("latin-1"))
        return left

    def _surface(self, path: bytes) -> File | None:
        if path in MISSING:
            return None
        return self._pixel if path[-5:].lower().endswith(PICTURES) else _EMPTY

    def reply(self, request: Request, answer: Answer) -> Reply:
        """Return a token's answer as the product gives a file or a redirection of its own."""
        if answer.posted_to and request.method == b"POST":
            answer = Answer(302, (("Location", answer.posted_to),))
        headers = [pair for pair in answer.headers if pair[0].lower() not in _OURS]
        named = {name.lower(): value for name, value in reversed(headers)}
        media_type = named.get("content-type", "text/html")
        if answer.status == 200 and request.method not in _READS:
            return self.dialect.serve(request, File(media_type, answer.body))
        if answer.status in REDIRECTS and not answer.body and "location" in named:
            page = self.dialect.redirect(request, answer.status, named["location"])
            shown = {name.lower() for name, _ in page.headers}
            more = [pair for pair in headers if pair[0].lower() not in shown]
            return page._replace(headers=(*page.headers, *more))
        if "content-type" not in named and answer.status not in UNFRAMED:
            headers.append(("Content-Type", media_type))
        return Reply(answer.status, tuple(headers), answer.body)

    def write_surface(
        self, request: Request, file: File | None, keep: bool, left: int, now: float
    ) -> tuple[bytes, bool]:
        """Return the written answer for a file, and whether it closes."""
        date = self.date(now)
        plain = request.method == b"GET" and file is not None and request.version[-3:] != b"0.9"
        plain = plain and not is_conditional(request)
        # A product may repeat what was asked of the connection, and say how many requests are left.
        asked = request.fields.get(b"connection")
        key = (file is self._pixel, keep, asked, -1 if asked is None else left)
        if plain and key in self._written:
            return self._written[key], not keep
        reply = self.dialect.serve(request, file)
        keep = keep and not reply.close
        data = self.dialect.write(reply, request, date, keep, left)
        if plain and len(self._written) < WRITTEN_MAX:
            self._written[key] = data
        return data, not keep


class HTTPConversation:
    """One connection to an `HTTPFront`."""

    __slots__ = (
        *("_done", "_front", "_local", "_misdirected", "_peer", "_phase", "_proxy", "_reader"),
        *("_served", "_size", "_sni", "_source", "_source_port", "_tls", "_transport", "_trusted"),
    )

    def __init__(
        self,
        front: HTTPFront,
        source: str,
        source_port: int,
        local: str,
        transport: Transport,
        tls: dict[str, Any] | None,
        peer: str | None,
        misdirected: bool,
    ) -> None:
        self._front, self._misdirected = front, misdirected
        self._source, self._source_port, self._peer = source, source_port, peer or source
        self._local, self._transport, self._tls = local, transport, tls
        self._sni = (tls.get("sni") or "").encode("latin-1") if tls else b""
        dialect = front.dialect
        self._reader = RequestReader(dialect.tolerates, dialect.body_size_max, front.blocks)
        self._trusted = front.trusts(source)
        self._proxy: bytes | None = b"" if self._trusted and peer is None else None
        self._phase = "headers"
        self._served = self._size = 0
        self._done = False

    def opened(self, now: float) -> Sequence[Command]:
        """Give the other end time for its first request."""
        return [Wake(now + HEADERS_TIME_S)]

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        """Read requests, report what holds ids, answer."""
        if self._proxy is not None:
            taken = self._read_proxy(data)
            if taken is None:
                return [Close()] if self._done else []
            data = taken
        commands: list[Command] = []
        self._size = 0
        self._reader.feed(data)
        try:
            while not self._done:
                found = self._reader.read()
                if found is None:
                    break
                if isinstance(found, Continue):
                    commands.append(Send(CONTINUE))
                    continue
                self._answer(found, now, commands)
                self._phase = "answered"
        except RequestError as error:
            self._refuse(error.fault, error.request, now, commands)
        if not self._done:
            self._set_alarm(now, commands)
        return commands

    def woken(self, now: float) -> Sequence[Command]:
        """Close a connection that took too long; what came of a request is still evidence."""
        return [*self.closed(now), Close()]

    def closed(self, now: float) -> Sequence[Command]:
        """Report what came of an unfinished request."""
        commands: list[Command] = []
        request = None if self._done else self._reader.unfinished()
        if request is None and not self._done and not self._served:
            # Nothing was asked; but the TLS session's server name may be a token's.
            request = NOTHING
        self._done = True
        if request is not None:
            found, _, _ = self._front.search(request, self._sni)
            self._report(request, found, None, now, commands)
        return commands

    def _read_proxy(self, data: bytes) -> bytes | None:
        """Return what follows the PROXY header; None when more is needed or it is broken."""
        data = (self._proxy or b"") + data
        try:
            header = read_proxy_header(data)
        except RemoteProtocolError:
            self._done = True
            return None
        if header is None:
            self._proxy = data
            return None
        self._proxy = None
        if header.source is not None:
            self._source, self._source_port = header.source, header.source_port
            self._trusted = self._front.trusts(header.source)
        return data[header.size :]

    def _set_alarm(self, now: float, commands: list[Command]) -> None:
        if not self._reader.begun:
            phase, wait = "idle", self._front.dialect.idle_s
        elif self._reader.state in ("line", "headers"):
            phase, wait = "headers", HEADERS_TIME_S
        else:
            phase, wait = "body", BODY_TIME_S
        if phase != self._phase and not (phase == "idle" and not self._served):
            self._phase = phase
            commands.append(Wake(now + wait))

    def _answer(self, request: Request, now: float, commands: list[Command]) -> None:
        front = self._front
        if self._misdirected:
            self._refuse(None, request, now, commands)
            return
        found, aimed, file = front.search(request, self._sni)
        self._served += 1
        left = min(front.dialect.requests_max, REQUESTS_MAX) - self._served
        keep = request.keep_alive and left > 0 and self._size < ANSWERS_SIZE_MAX
        for token in aimed:
            answer = front.lookup(token)
            if answer is not None:
                self._report(request, found, token, now, commands)
                reply = front.reply(request, answer)
                keep = keep and not reply.close
                data = front.dialect.write(reply, request, front.date(now), keep, left)
                break
        else:
            self._report(request, found, None, now, commands)
            data, closes = front.write_surface(request, file, keep, left, now)
            keep = not closes
        if data:
            self._size += len(data)
            commands.append(Send(data))
        if not keep:
            self._done = True
            commands.append(Close(unread=self._reader.begun))

    def _refuse(
        self, fault: Fault | None, request: Request, now: float, commands: list[Command]
    ) -> None:
        front = self._front
        found, _, _ = front.search(request, self._sni)
        self._report(request, found, None, now, commands)
        self._done = True
        reply: Reply | None = None
        if self._misdirected:
            reply = front.dialect.refuse_plain(fault, request)
        elif fault is not None:
            reply = front.dialect.refuse(fault, request)
        if reply is not None:
            # What was not understood is answered in the server's own version.
            shown = request._replace(version=b"HTTP/1.1") if fault else request
            commands.append(Send(front.dialect.write(reply, shown, front.date(now), False, 0)))
        commands.append(Close(unread=True))

    def _report(
        self,
        request: Request,
        found: dict[TokenId, str],
        first: TokenId | None,
        now: float,
        commands: list[Command],
    ) -> None:
        source, port = self._client(request)
        if not found:
            commands.append(Noise(source))
            return
        tokens = list(found)
        if first is not None:
            tokens.remove(first)
            tokens.insert(0, first)
        tokens = tokens[:TOKENS_MAX]
        touch = self._front.evidence.write(
            now,
            self._transport,
            (source, port),
            tokens,
            [found[token] for token in tokens],
            request,
            self._local,
            None if source == self._peer else self._peer,
            self._tls,
        )
        commands.append(Report(touch))

    def _client(self, request: Request) -> tuple[str, int]:
        """Return the client's address: the rightmost that is not one of our proxies."""
        if not self._trusted:
            return self._source, self._source_port
        text = b",".join(v for n, v in request.headers if n.lower() == b"x-forwarded-for")
        for word in reversed(text.rsplit(b",", FORWARDED_MAX)[-FORWARDED_MAX:]):
            try:
                parsed = ipaddress.ip_address(word.strip().decode("latin-1"))
            except ValueError:
                break
            if isinstance(parsed, ipaddress.IPv6Address):
                if parsed.scope_id is not None:
                    # A zone means something on its own host alone, and may be any text.
                    break
                parsed = parsed.ipv4_mapped or parsed
            address = str(parsed)
            if not self._front.trusts(address):
                return address, 0
        return self._source, self._source_port


def _decoded(target: bytes) -> tuple[bytes, bytes]:
    """Return path and query as the server would read them (RFC 3986 §2.1)."""
    path, _, query = target.partition(b"?")
    if b"%" in target:
        path, query = unquote_to_bytes(path), unquote_to_bytes(query)
    return path, query


def _basic(value: bytes) -> bytes:
    """Return user and password (RFC 7617 §2), or nothing; the bound is that of a header's line."""
    try:
        return base64.b64decode(value + b"==")  # Some leave the padding out.
    except binascii.Error:
        return b""


def _strip_zone(host: bytes, zones: tuple[bytes, ...]) -> bytes:
    host = host.partition(b":")[0].rstrip(b".")
    for zone in zones:
        if host.endswith(zone):
            return host[: -len(zone)]
        if host == zone[1:]:
            return b""
    return host
