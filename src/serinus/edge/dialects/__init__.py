"""Dialects: how a real web server words its answers, taken from transcripts.

A dialect is data and a few pure functions; it knows nothing of tokens. The transcripts that hold
it are in `tests/transcripts/http/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from serinus.wire.http1 import Fault, Request
from serinus.wire.tls_manner import TLSManner

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNFRAMED = (204, 304)
"""Statuses that have neither a body nor a length (RFC 9110 §15.3.5, §15.4.5)."""
REDIRECTS = (301, 302, 303, 307, 308)
"""Statuses that send to an address, for which a server writes a page (RFC 9110 §15.4)."""


class File(NamedTuple):
    """A static file: its media type and its bytes."""

    media_type: str
    body: bytes


class Reply(NamedTuple):
    """A response before it is put into a dialect's order.

    Attributes:
        status: Its number.
        headers: Those of its own, besides Date, Server and those of the connection.
        body: What follows the head; left out for HEAD.
        close: The connection ends with it, whatever the client wants.
        announce: Say so in a Connection header.
        sized: Write Content-Length.
        whole: Head and body are sent to HEAD and HTTP/0.9, too.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    close: bool = False
    announce: bool = True
    sized: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one product answers.

    Attributes:
        server: Text of its Server header.
        order: Lower-case header names in the order written; "*" stands for all others.
        reasons: Reason phrases where the product has its own, else the usual ones.
        tolerates: Faults that the product puts up with.
        body_size_max: Bytes of a request's body that it takes.
        idle_s: Seconds that an idle connection is kept.
        requests_max: Requests that it answers on one connection.
        serve: Answer to a request for a file (None: there is none).
        refuse: Answer to a fault.
        refuse_plain: Answer to a request without TLS on the port of HTTPS, or to a fault there;
            None: the connection is closed without one.
        redirect: Answer that sends to an address, given the request, the status and the address.
        persistence: Connection headers, given the request, whether the connection stays, and how
            many requests are left on it.
        tls: How it speaks TLS.
    """

    server: str
    order: tuple[str, ...]
    reasons: Mapping[int, str]
    tolerates: frozenset[Fault]
    body_size_max: int
    idle_s: float
    requests_max: int
    serve: Callable[[Request, File | None], Reply]
    refuse: Callable[[Fault, Request], Reply]
    refuse_plain: Callable[[Fault | None, Request], Reply | None]
    redirect: Callable[[Request, int, str], Reply]
    persistence: Callable[[Request, bool, int], tuple[tuple[str, str], ...]]
    tls: TLSManner

    def write(self, reply: Reply, request: Request, date: str, keep: bool, left: int) -> bytes:
        """Return the bytes of a reply (RFC 9112 §4); HTTP/0.9 gets the body alone.

        Args:
            reply: What to say.
            request: What it answers.
            date: Text of the Date header.
            keep: The connection stays.
            left: Requests left on the connection after this one.
        """
        if request.version == b"HTTP/0.9" and not reply.whole:
            return reply.body
        headers = [("Date", date), ("Server", self.server), *reply.headers]
        if reply.sized and reply.status not in UNFRAMED:
            headers.append(("Content-Length", str(len(reply.body))))
        if reply.announce:
            headers += self.persistence(request, keep, left)
        rank = {name: place for place, name in enumerate(self.order)}
        headers.sort(key=lambda pair: rank.get(pair[0].lower(), rank["*"]))
        head = f"HTTP/1.1 {reply.status} {self.reasons.get(reply.status, '')}".rstrip() + "\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
        bare = (request.method == b"HEAD" and not reply.whole) or reply.status in UNFRAMED
        return head.encode("latin-1") + (b"" if bare else reply.body)


def write_date(day: int, second: int) -> str:
    """Return an HTTP date (RFC 9110 §5.6.7) of days since 1970 and the second of that day."""
    # Days to civil date over eras of 400 years, whose months begin with March.
    era, rest = divmod(day + 719468, 146097)
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    of_year = rest - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    date = of_year - (153 * shifted + 2) // 5 + 1
    month = (shifted + 2) % 12
    year += era * 400 + (month < 2)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{DAYS[(day + 3) % 7]}, {date:02} {MONTHS[month]} {year:04} {clock} GMT"


def date_text(at: float) -> str:
    """Return the HTTP date of a Unix time."""
    return write_date(*divmod(int(at), 86400))


REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    410: "Gone",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
"""Reason phrases (RFC 9110 §15) that products share."""
