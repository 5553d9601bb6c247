"""The API's client: one request at a time, bounded in time and size, TLS verified."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from serinus.base.errors import OperatorError
from serinus.base.untrusted import readable
from serinus.cli.connection import Place, find_console

CONNECT_S = 10.0
REPLY_S = 130.0
"""The longest operation tests a destination, which takes at most two minutes."""
REPLY_SIZE_MAX = 64 * 1024 * 1024
"""Bytes: a page of touches with whole bodies as evidence; it lies in memory."""
PAGE_SIZE = 100
NOUNS = {
    "tokens": "token",
    "incidents": "incident",
    "destinations": "destination",
    "deliveries": "delivery",
    "keys": "key",
}
"""What a part of the API holds, for the sentence that says there is none such."""
WORDS_MAX = 500
"""Characters of a Console's error that are shown."""


class Client:
    """Asks one Console.

    Every method raises OperatorError with the Console's own sentence where it refuses, or with
    ours where it cannot be reached.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    def get(self, *path: object, **query: object) -> Any:
        """Return what stands at a path; query values that are None are left out."""
        return self._ask("GET", path, query=query)

    def post(self, *path: object, body: Any = None) -> Any:
        """Return what a POST of a JSON body gives."""
        return self._ask("POST", path, body=body)

    def patch(self, *path: object, body: Any) -> Any:
        """Return what a PATCH with a JSON body gives."""
        return self._ask("PATCH", path, body=body)

    def delete(self, *path: object) -> Any:
        """Return what a DELETE gives."""
        return self._ask("DELETE", path)

    def download(self, *path: object) -> bytes:
        """Return the bytes at a path."""
        return self._send("GET", path, None)[0]

    def page(self, *path: object, limit: int, every: bool, **query: object) -> dict[str, Any]:
        """Return `{"items": …, "next": …}` with one page, or with every page there is."""
        if not every:
            found: dict[str, Any] = self.get(*path, limit=limit, **query)
            return found
        return {"items": list(self.items(*path, **query)), "next": None}

    def items(self, *path: object, **query: object) -> Iterator[dict[str, Any]]:
        """Yield the items of every page."""
        cursor: object = None
        while True:
            page = self.get(*path, limit=PAGE_SIZE, cursor=cursor, **query)
            yield from page["items"]
            if page["next"] is None or page["next"] == cursor:
                return
            cursor = page["next"]

    def _ask(
        self,
        method: str,
        path: tuple[object, ...],
        query: Mapping[str, object] | None = None,
        body: Any = None,
    ) -> Any:
        content, media_type = self._send(method, path, body, query)
        if not content:
            return None
        if "json" not in media_type:
            raise self._stranger("something that is not JSON")
        try:
            return json.loads(content)
        except ValueError:
            raise self._stranger("broken JSON") from None

    def _send(
        self,
        method: str,
        path: tuple[object, ...],
        body: Any,
        query: Mapping[str, object] | None = None,
    ) -> tuple[bytes, str]:
        headers = {"Authorization": f"Bearer {self._place.key}", "Accept": "application/json"}
        if self._place.host:
            headers["Host"] = self._place.host
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        parts = urlsplit(self._place.url)
        connection = _connect(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.connect()
            if connection.sock is not None:
                connection.sock.settimeout(REPLY_S)
            connection.request(method, parts.path + _join(path, query or {}), content, headers)
            reply = connection.getresponse()
            received = reply.read(REPLY_SIZE_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()
        if len(received) > REPLY_SIZE_MAX:
            raise self._stranger(f"more than {REPLY_SIZE_MAX} bytes")
        self._check(reply, received, path)
        return received, reply.headers.get_content_type()

    def _check(
        self, reply: http.client.HTTPResponse, content: bytes, path: tuple[object, ...]
    ) -> None:
        if 200 <= reply.status < 300:
            return
        if 300 <= reply.status < 400:
            target = readable(reply.headers.get("Location", "elsewhere"), WORDS_MAX)
            raise OperatorError(
                f"{self._place.url} sends us on to {target}: set SERINUS_URL to where the Console "
                "itself answers."
            )
        try:
            problem = json.loads(content)
            sentence, field = str(problem["detail"]), problem.get("field")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._stranger(f"status {reply.status}") from None
        if reply.status == HTTPStatus.NOT_FOUND and len(path) > 1 and path[0] in NOUNS:
            noun, given = NOUNS[str(path[0])], readable(str(path[1]), 80)
            raise OperatorError(f"There is no {noun} {given}: list them to see what there is.")
        raise OperatorError(
            readable(sentence, WORDS_MAX), readable(field, 80) if isinstance(field, str) else None
        )

    def _unreachable(self, error: Exception) -> OperatorError:
        url = self._place.url
        match error:
            case ssl.SSLCertVerificationError():
                return OperatorError(
                    f"The certificate of {url} is not trusted ({error.verify_message}): give the "
                    "Console one that is, or name its authority's file in SSL_CERT_FILE."
                )
            case ConnectionRefusedError():
                return OperatorError(f"Nothing answers at {url}: {self._place.remedy}.")
            case TimeoutError():
                return OperatorError(f"{url} does not answer in time: {self._place.remedy}.")
            case socket.gaierror():
                return OperatorError(f"The name in {url} is not known: {self._place.remedy}.")
            case OSError():
                reason = error.strerror or type(error).__name__
                return OperatorError(f"{url} cannot be asked ({reason}): {self._place.remedy}.")
            case _:
                return self._stranger(type(error).__name__)

    def _stranger(self, what: str) -> OperatorError:
        return OperatorError(
            f"{self._place.url} does not answer like a Console ({what}): {self._place.doubt}."
        )


def open_client(data: str | None) -> Client:
    """Return a client of the Console that the flags and the environment name."""
    return Client(find_console(data))


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=CONNECT_S)
    return http.client.HTTPSConnection(
        host, port, timeout=CONNECT_S, context=ssl.create_default_context()
    )


def _join(path: tuple[object, ...], query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    target = "/api/" + "/".join(quote(str(part), safe="") for part in path)
    return f"{target}?{urlencode(given)}" if given else target
