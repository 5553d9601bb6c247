"""The dialect of Apache httpd 2.4 serving files; transcripts in `tests/transcripts/http/apache`.

It takes any HTTP version and odd methods, serves a file to POST as to GET, refuses TRACE as
Debian's `TraceEnable Off` does, and says `Connection` only when it closes or was asked to stay.
"""

import hashlib
import html

from serinus.edge.dialects import REASONS, Dialect, File, Reply
from serinus.edge.dialects.conditions import (
    Version,
    is_conditional,
    judge_apache,
    ranges_apache,
    serve_ranges,
)
from serinus.wire.http1 import BODY_SIZE_MAX, Fault, Request
from serinus.wire.tls_manner import TLSManner

SERVER = "Apache/2.4.71 (Debian)"
IDLE_S = 5.0
"""Seconds: the default of KeepAliveTimeout."""
REQUESTS_MAX = 101
"""MaxKeepAliveRequests is 100 by default, and counts those after the first."""
TLS = TLSManner(
    ciphers="HIGH:!aNULL",
    prefers_own_ciphers=False,
    protocols=("http/1.1",),
    insists=False,
    tickets=False,
)
"""Debian's ssl.conf: SSLCipherSuite, SSLSessionTickets off; it leaves SSLHonorCipherOrder out."""

_METHODS = frozenset(
    b"GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK "
    b"UNLOCK VERSION-CONTROL CHECKOUT UNCHECKOUT CHECKIN UPDATE LABEL REPORT MKWORKSPACE "
    b"MKACTIVITY BASELINE-CONTROL MERGE".split()
)
"""The methods it knows (RFC 9110 §9, RFC 5789, RFC 4918, RFC 3253); any other gets 501."""
_REASONS = {**REASONS, 414: "Request-URI Too Long"}
_ACCEPTS = ("Accept-Ranges", "bytes")
_ALLOW = ("Allow", "OPTIONS,HEAD,GET,POST")
_HTML = ("Content-Type", "text/html; charset=iso-8859-1")
_ORDER = (
    *("date", "server", "last-modified", "etag", "accept-ranges", "allow", "*", "content-length"),
    *("content-range", "keep-alive", "connection", "transfer-encoding", "content-type"),
)
_TOLERATES = frozenset(
    {Fault.ODD_METHOD, Fault.BAD_VERSION, Fault.FOLDED_HEADER, Fault.LENGTH_AND_CODING}
)
_NOT_UNDERSTOOD = "<p>Your browser sent a request that this server could not understand.<br />\n"
_NO_OVERLAP = (
    "<p>None of the range-specifier values in the Range\nrequest-header field overlap the current "
    "extent\nof the selected resource.</p>\n"
)
_NOTES = {
    Fault.HEADER_TOO_LARGE: "Size of a request header field exceeds server limit.",
    Fault.HEADERS_TOO_LARGE: "Size of a request header field exceeds server limit.",
    Fault.HEADERS_TOO_MANY: "The number of request header fields exceeds this server's limit.",
}


def make_apache(modified_at: float, server: str = SERVER) -> Dialect:
    """Return the dialect.

    Args:
        modified_at: When the served files were made, Unix seconds. There is no default: one that
            all installations share would be a tell.
        server: Text of the Server header.
    """
    # It draws one when it starts; ours is as much this deployment's own.
    boundary = hashlib.blake2s(repr(modified_at).encode(), digest_size=8).hexdigest()

    def serve(request: Request, file: File | None) -> Reply:
        method = request.method
        shown = html.escape(method.decode("latin-1"))
        if method not in _METHODS:
            text = f"<p>{shown} not supported for current URL.<br />\n</p>\n"
            return _page(501, text, allow=True, close=True)
        if method == b"CONNECT":
            return _page(400, _NOT_UNDERSTOOD + "</p>\n", close=True)
        if method == b"OPTIONS" and request.target == b"*":
            return Reply(200, (), b"")
        if method == b"OPTIONS":
            kind = (("Content-Type", file.media_type),) if file else ()
            return Reply(200, (_ALLOW, *kind), b"")
        if method not in (b"GET", b"HEAD", b"POST"):
            text = f"<p>The requested method {shown} is not allowed for this URL.</p>\n"
            reply = _page(405, text, allow=True)
            if method == b"TRACE":
                reply = reply._replace(headers=(("Allow", ""), _HTML))
            return reply
        if file is None:
            reply = _page(404, "<p>The requested URL was not found on this server.</p>\n")
            return reply._replace(sized=method != b"HEAD")
        etag = f'"{len(file.body):x}-{int(modified_at * 1_000_000):x}"'
        version = Version(etag, int(modified_at))
        if is_conditional(request):
            less = _under_conditions(request, file, version, boundary)
            if less is not None:
                return less
        headers = (("Content-Type", file.media_type), *version.headers(), _ACCEPTS)
        return Reply(200, headers, file.body)

    return Dialect(
        server,
        _ORDER,
        _REASONS,
        _TOLERATES,
        BODY_SIZE_MAX,
        IDLE_S,
        REQUESTS_MAX,
        serve,
        _refuse,
        _refuse_plain,
        _redirect,
        _persistence,
        TLS,
    )


def _under_conditions(
    request: Request, file: File, version: Version, boundary: str
) -> Reply | None:
    """Return the answer that is not the whole file, if there is one."""
    headers = (*version.headers(), _ACCEPTS)
    status = judge_apache(request, version)
    if status == 304:
        return Reply(304, headers, b"")
    if status == 412:
        # The file's own headers and no page; HEAD is told the file's length.
        body = file.body if request.method == b"HEAD" else b""
        return Reply(412, (*headers, ("Content-Type", file.media_type)), body)
    ranges = ranges_apache(request, version, len(file.body))
    if ranges is None:
        return None
    if not ranges:
        return _stream(request, _page(416, _NO_OVERLAP))
    more, body = serve_ranges(file, ranges, lambda: boundary, ("Content-type", "Content-range"))
    return Reply(206, (*headers, *more), body)


def _stream(request: Request, reply: Reply) -> Reply:
    """Return a reply whose length it did not know when it began: one chunk, or until the close."""
    if request.method == b"HEAD":
        return reply._replace(sized=False)
    if not request.keep_alive or request.version == b"HTTP/1.0":
        return reply._replace(sized=False, close=True)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(reply.body), reply.body)
    headers = (("Transfer-Encoding", "chunked"), *reply.headers)
    return reply._replace(headers=headers, body=chunks, sized=False)


def _page(status: int, text: str, allow: bool = False, close: bool = False) -> Reply:
    reason = _REASONS[status]
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" '
        '"http://www.w3.org/TR/html4/strict.dtd">\n<html><head>\n'
        f"<title>{status} {reason}</title>\n</head><body>\n<h1>{reason}</h1>\n{text}"
        "</body></html>\n"
    )
    headers = (_ALLOW, _HTML) if allow else (_HTML,)
    return Reply(status, headers, body.encode("latin-1"), close)


def _refuse(fault: Fault, request: Request) -> Reply:
    if fault is Fault.LINE_TOO_LONG:
        text = (
            "<p>The requested URL's length exceeds the capacity\nlimit for this server.<br />\n"
            "</p>\n"
        )
        return _page(414, text, close=True)
    if fault is Fault.BODY_TOO_LARGE:
        shown = html.escape(request.method.decode("latin-1"))
        text = (
            f"The requested resource does not allow request data with {shown} requests, or the "
            "amount of data provided in\nthe request exceeds the capacity limit.\n"
        )
        return _page(413, text, close=True)._replace(sized=False)
    if fault is Fault.BAD_EXPECTATION:
        asked = html.escape((request.value(b"expect") or b"").decode("latin-1"))
        text = (
            "<p>The expectation given in the Expect request-header\nfield could not be met by "
            f"this server.\nThe client sent<pre>\n    Expect: {asked}\n</pre>\n</p>"
            "<p>Only the 100-continue expectation is supported.</p>\n"
        )
        return _page(417, text, close=True)._replace(announce=False)
    text = f"{_NOT_UNDERSTOOD}{_NOTES.get(fault, '')}</p>\n"
    sized = fault is not Fault.BAD_CHUNK and request.method != b"HEAD"
    return _page(400, text, close=True)._replace(sized=sized)


def _refuse_plain(_fault: Fault | None, request: Request) -> Reply | None:
    """Answer as mod_ssl does where OpenSSL takes the first bytes for one of four methods."""
    if request.method not in (b"GET", b"POST", b"HEAD", b"PUT"):
        return None
    note = "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n"
    remedy = " Instead use the HTTPS scheme to access this URL, please.<br />\n</p>\n"
    return _page(400, _NOT_UNDERSTOOD + note + remedy, close=True)._replace(whole=True)


def _redirect(request: Request, status: int, location: str) -> Reply:
    shown = html.escape(location)
    says = "The answer to your request is located" if status == 303 else "The document has moved"
    reply = _page(status, f'<p>{says} <a href="{shown}">here</a>.</p>\n')
    headers = (("Location", location), *reply.headers)
    return reply._replace(headers=headers, sized=request.method != b"HEAD")


def _persistence(request: Request, keep: bool, left: int) -> tuple[tuple[str, str], ...]:
    if not keep:
        return (("Connection", "close"),)
    asked = request.value(b"connection")
    if asked is None or b"keep-alive" not in asked.lower():
        return ()
    return (
        ("Keep-Alive", f"timeout={IDLE_S:.0f}, max={left}"),
        ("Connection", "Keep-Alive"),
    )
