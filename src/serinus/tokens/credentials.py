"""What a request offers to sign in with, told without the secret.

Rules:
- User names, key ids and the like are shown; of a secret, only what `masked` leaves of it.
- Nothing is verified: a signed text is read, and its signature is not looked at.
- Any detail of a touch is lawful, and nothing raises.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from serinus.base.untrusted import masked, readable
from serinus.tokens.detail import read_fields, read_headers

CREDENTIALS_MAX = 4
"""Credentials of one request that are told; a client sends one, through a proxy two."""
NAME_MAX = 120
"""Characters of a user name or key id."""
FIELDS_MAX = 200
"""Fields of a query or form that are looked at."""

_SIGNED = re.compile(r"Credential=([^/=,\s]*)/\d*/([^/,\s]*)/([^/,\s]*)/")
_USER_NAME = re.compile(r'\busername="([^"]*)"')
_NAMES = r"pass|pwd|secret|token|auth|key|session|cookie|jwt|pin\b|otp|assertion|\bsig\b|signature"
_SECRET_FIELD = re.compile(rf"(?<=[?&;])([^=?&;\s]*(?:{_NAMES})[^=?&;\s]*)=[^&;\s]+", re.IGNORECASE)
is_secret = re.compile(_NAMES, re.IGNORECASE).search
"""Tells whether a name is one of a secret's."""


class Credential(NamedTuple):
    """Something to sign in with; all of it is harmless text.

    Attributes:
        what: What it is and whose, such as `password of 'mreyes'`.
        secret: The secret as people are shown it; empty where only a signature was sent.
        place: Where it stood.
    """

    what: str
    secret: str
    place: str

    @property
    def sentence(self) -> str:
        """All of it."""
        return f"{self.what}{self.secret and f': {self.secret}'}, in {self.place}"


def read_credentials(detail: Mapping[str, Any]) -> list[Credential]:
    """Return what an HTTP touch offers to sign in with, what was meant for a proxy first."""
    headers = [(name, value) for name, value in read_headers(detail) if isinstance(value, str)]
    found = [
        Credential(*read(value), name.title())
        for name, read in _READERS.items()
        for header, value in headers
        if header == name and value
    ]
    target = detail.get("target")
    if isinstance(target, str):
        found += _read_query(_fields(target.partition("?")[2]))
    body = detail.get("body")
    if isinstance(body, str) and any(
        name == "content-type" and "x-www-form-urlencoded" in value.lower()
        for name, value in headers
    ):
        found += _read_form(_fields(body))
    return found[:CREDENTIALS_MAX]


def without_secrets(text: str) -> str:
    """Return a target or request line whose query shows no secret."""
    return _SECRET_FIELD.sub(r"\1=•••", text)


def _read_authorization(value: str) -> tuple[str, str]:
    """Read what RFC 9110 §11.4 calls credentials: a scheme, and what belongs to it."""
    scheme, _, rest = value.partition(" ")
    rest = rest.strip()
    if not rest:
        return "credential", masked(scheme)
    read = _SCHEMES.get(scheme.lower())
    return read(rest) if read else (f"{readable(scheme, 20)} credential", masked(rest))


def _read_basic(rest: str) -> tuple[str, str]:
    """Read `user:password` (RFC 7617 §2)."""
    user, _, password = _decoded(rest).partition(":")
    return f"password{_of(user)}", masked(password)


def _read_bearer(rest: str) -> tuple[str, str]:
    return f"bearer token{_of(_claim(rest, 'sub', 'iss'))}", masked(rest)


def _read_digest(rest: str) -> tuple[str, str]:
    """Read the user of RFC 7616 §3.4."""
    user = _USER_NAME.search(rest)
    return f"digest{_of(user[1] if user else '')}", ""


def _read_aws(rest: str) -> tuple[str, str]:
    """Read the scope of Signature Version 4: key id, date, region, service."""
    scope = _SIGNED.search(rest)
    if scope is None:
        return "signature", ""
    key_id, region, service = (readable(part, NAME_MAX) for part in scope.groups())
    return f"key '{key_id}' for {service or 'no service'} in {region or 'no region'}", ""


def _read_signed(rest: str) -> tuple[str, str]:
    """Read `name:signature`, as of Azure's SharedKey and of AWS Signature Version 2."""
    return f"key{_of(rest.partition(':')[0])}", ""


def _read_query(fields: Mapping[str, str]) -> Iterator[Credential]:
    if "sig" in fields and "sv" in fields:
        yield Credential("shared access signature", masked(fields["sig"]), "the query")
    if "X-Amz-Credential" in fields:
        yield Credential(*_read_aws(f"Credential={fields['X-Amz-Credential']}"), "the query")
    for name in ("access_token", "private_token", "api_key"):
        if name in fields:
            yield Credential(name.replace("_", " "), masked(fields[name]), "the query")


def _read_form(fields: Mapping[str, str]) -> Iterator[Credential]:
    """Read what is posted for an access token (RFC 6749 §2.3.1, RFC 7521 §4)."""
    for name in ("assertion", "client_assertion"):
        if name in fields:
            who = _claim(fields[name], "iss", "sub")
            yield Credential(f"signed assertion{_of(who)}", masked(fields[name]), "the form")
    if "client_secret" in fields:
        who = _of(fields.get("client_id", ""))
        yield Credential(f"client secret{who}", masked(fields["client_secret"]), "the form")


def _of(name: str) -> str:
    return f" of '{readable(name, NAME_MAX)}'" if name else ""


def _claim(signed: str, *names: str) -> str:
    """Return the first of these claims of a JSON Web Token (RFC 7519 §4.1), or nothing."""
    parts = signed.split(".")
    try:
        claims = json.loads(_decoded(parts[1])) if len(parts) == 3 else None
    except (ValueError, RecursionError):
        return ""
    values = [claims.get(name) for name in names] if isinstance(claims, dict) else []
    return next((value for value in values if isinstance(value, str) and value), "")


def _decoded(text: str) -> str:
    """Return what Base64 text of either alphabet holds; nothing if it is none."""
    try:
        data = base64.b64decode(text.encode() + b"==", altchars=b"-_" if _is_url(text) else None)
    except ValueError:
        return ""
    return data.decode("utf-8", "backslashreplace")


def _is_url(text: str) -> bool:
    return "-" in text or "_" in text


def _fields(text: str) -> dict[str, str]:
    return dict(read_fields(text, FIELDS_MAX, keep_blank=False) or ())


_SCHEMES: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "basic": _read_basic,
    "bearer": _read_bearer,
    "digest": _read_digest,
    "aws4-hmac-sha256": _read_aws,
    "aws": _read_signed,
    "sharedkey": _read_signed,
    "sharedkeylite": _read_signed,
}


def _plain(what: str) -> Callable[[str], tuple[str, str]]:
    return lambda value: (what, masked(value))


_READERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "proxy-authorization": _read_authorization,
    "authorization": _read_authorization,
    "x-api-key": _plain("API key"),
    "api-key": _plain("API key"),
    "apikey": _plain("API key"),
    "x-auth-token": _plain("token"),
    "private-token": _plain("private token"),
    "job-token": _plain("job token"),
    "x-jfrog-art-api": _plain("API key"),
    "x-nuget-apikey": _plain("API key"),
    "x-vault-token": _plain("token"),
}
"""By header in lower case; what stands for a proxy is meant for us."""
