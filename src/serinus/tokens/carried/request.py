"""What a request carries: texts in headers, query, body and path, decoded where that is sure.

The detail of a touch is an intruder's: any JSON value may stand anywhere, and none may raise.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple
from urllib.parse import unquote

from serinus.base.ids import TokenId
from serinus.base.untrusted import masked, readable
from serinus.tokens.carried.decoding import guess, one_line, unpack
from serinus.tokens.credentials import is_secret
from serinus.tokens.detail import read_headers

TEXT_LENGTH_MAX = 1000
"""Characters of one text that a person is shown; the evidence has the rest."""
NAME_LENGTH_MAX = 40
"""Characters of a name that are shown."""
RAW_LENGTH_MAX = 80
"""Characters of what was decoded that are shown beside it: enough to find it in the evidence."""
TEXTS_MAX = 16
"""Texts of one request that are shown."""
VALUES_MAX = 64
"""Names and values of one query, form or JSON document."""
DEPTH_MAX = 4
"""Objects of a JSON document within one another."""

# A program and its version, as RFC 9110 §10.1.5 begins every User-Agent; some, such as apt's, put
# a word before.
_PROGRAM = re.compile(
    r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+(\s|$)|[A-Za-z]+ [\w-]+/\d[\w.-]*(\s|$)", re.ASCII
)
_USUAL = (
    "accept accept-charset accept-encoding accept-language access-control-request-headers "
    "access-control-request-method authorization cache-control cdn-loop connection "
    "content-encoding content-language content-length content-type date device-memory dnt downlink "
    "dpr ect expect forwarded from git-protocol host http2-settings if-match if-modified-since "
    "if-none-match if-range if-unmodified-since keep-alive max-forwards origin pragma priority "
    "proxy-authorization proxy-connection purpose range referer rtt save-data te trailer "
    "transfer-encoding upgrade upgrade-insecure-requests user-agent via viewport-width "
    "x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip x-requested-with"
)
_USUAL_HEADERS = frozenset(_USUAL.split())
_USUAL_PREFIXES = ("sec-", "cf-", "x-amz-", "x-goog-", "x-ms-", "x-docker-")


class Carried(NamedTuple):
    """One text that a request carried, harmless.

    Attributes:
        where: "query", "body", "path" or "header NAME"; of a User-Agent "".
        text: What it says, with how it came where it was decoded.
        is_speech: Whether it is a sentence of somebody's own, fit to be read first.
    """

    where: str
    text: str
    is_speech: bool

    @property
    def labelled(self) -> str:
        """The text and where it stood."""
        return f"{self.where}: {self.text}" if self.where else self.text


def read_request(detail: dict[str, Any], token_id: TokenId) -> list[Carried]:
    """Return what the request of a touch carried, the most telling first."""
    target = _wire(detail.get("target"))
    path, _, query = target.partition("?")
    headers = list(read_headers(detail))
    body, media_type = _body(detail.get("body")), _find(headers, "content-type")
    found = chain(
        _read_agent(_find(headers, "user-agent")),
        _read_headers(headers),
        _tell("query", _read_values(query, token_id)) if query else (),
        _tell("body", _read_body(body, media_type.lower(), token_id)) if body else (),
        _tell("path", [("", _read_tail(path, token_id))]),
    )
    return list(islice(found, TEXTS_MAX))


def _read_agent(agent: str) -> Iterator[Carried]:
    if _PROGRAM.match(agent) is None and (" " in agent or guess(agent)[0]):
        yield from _tell("", [("", agent)])


def _read_headers(headers: Iterable[tuple[str, object]]) -> Iterator[Carried]:
    for name, value in headers:
        if value and name not in _USUAL_HEADERS and not name.startswith(_USUAL_PREFIXES):
            text, is_speech = _show(name, unquote(_wire(value)))
            yield Carried(f"header {readable(_wire(name), NAME_LENGTH_MAX)}", text, is_speech)


def _read_values(text: str, token_id: TokenId) -> Iterator[tuple[str, str]]:
    """Yield names and values of a query or form; a bare text has no name."""
    for word in text.split("&", VALUES_MAX)[:VALUES_MAX]:
        plain = word.replace("+", " ")
        name, _, value = plain.partition("=")
        # The padding of Base64 separates nothing.
        if not value.strip("="):
            name, value = "", plain
        if token_id not in (value.lower(), name.lower()):
            yield unquote(name), unquote(value)


def _read_body(body: str, media_type: str, token_id: TokenId) -> Iterable[tuple[str, str]]:
    is_form = media_type.startswith("application/x-www-form-urlencoded")
    if is_form and not re.search(r"[\s{}]", body):
        return _read_values(body, token_id)
    if "json" in media_type or body.lstrip()[:1] in ("{", "["):
        try:
            return _read_document("", json.loads(body), DEPTH_MAX)
        except (ValueError, RecursionError):
            return [("", body)]
    return [("", body)]


def _read_document(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the leaves of a JSON document with the names that lead there."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, item in inner if depth else ():
            yield from _read_document(f"{name}.{key}" if name else str(key), item, depth - 1)
    elif value not in (None, ""):
        yield name, value if isinstance(value, str) else json.dumps(value)


def _read_tail(path: str, token_id: TokenId) -> str:
    """Return what follows the planted path: an id, a name, and then what somebody has added."""
    steps = path.split("/")
    if len(steps) <= 3:
        return ""
    places = [n for n, step in enumerate(steps) if token_id in step.lower()]
    return unquote("/".join(steps[places[-1] + 2 :])) if places else ""


def _tell(where: str, values: Iterable[tuple[str, str]]) -> Iterator[Carried]:
    """Yield one text of all values, if there is any."""
    shown, speech, length = list[str](), False, 0
    for name, value in islice(values, VALUES_MAX):
        if length > TEXT_LENGTH_MAX:
            break
        if value.strip():
            text, is_speech = _show(name, value)
            speech = speech or is_speech
            shown.append(f"{readable(name, NAME_LENGTH_MAX)}={text}" if name else text)
            length += len(shown[-1])
    if shown:
        yield Carried(where, readable(", ".join(shown), TEXT_LENGTH_MAX), speech)


def _show(name: str, value: str) -> tuple[str, bool]:
    """Return a value for people, and whether it is speech: masked where its name says so."""
    value = value.strip()
    if is_secret(name):
        return masked(value), False
    said, encoding = guess(value)
    text = readable(one_line(said or value), TEXT_LENGTH_MAX)
    came = f" ({encoding} {readable(value, RAW_LENGTH_MAX)})" if said else ""
    return text + came, " " in text


def _body(body: object) -> str:
    """Return a body as text, unpacked; "" where it is no text. The edge may have cut it short."""
    if not body:
        return ""
    data = unpack(body.encode("latin-1", "replace")) if isinstance(body, str) else b""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return ""


def _wire(value: object) -> str:
    """Return the Latin-1 text of wire bytes as the UTF-8 that it mostly is."""
    text = value if isinstance(value, str) else ""
    return text.encode("latin-1", "backslashreplace").decode("utf-8", "backslashreplace")


def _find(headers: Iterable[tuple[str, object]], name: str) -> str:
    return next((_wire(value) for known, value in headers if known == name), "")
