"""Posts webhooks: HTTP/1.1 over a guarded, verified connection that is kept for the next alert."""

import ssl
from collections import OrderedDict
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit

from serinus.alerts.destination import Post, Reply
from serinus.base.errors import OperatorError
from serinus.net.outgoing import IPNetwork, connect_allowed, time_limit

TIMEOUT_S = 10.0
"""For connecting, and for each read."""
TOTAL_S = 30.0
"""For the whole exchange: a receiver that drips bytes may not hold the worker."""
REPLY_SIZE_MAX = 4096
"""Bytes of a reply that are read: enough to say what is wrong."""
KEPT_MAX = 32
"""Connections kept open; the one unused for longest is closed first."""

_Place = tuple[str, str, int]


class WebhookSender:
    """Sends `Post`s; one thread at a time.

    Args:
        allow: Networks of the setting outgoing_allow.
        context: TLS settings, or None for the system's certificate authorities.
        timeout_s: Seconds for connecting and for each read.
        total_s: Seconds for an exchange.
    """

    def __init__(
        self,
        allow: Sequence[IPNetwork] = (),
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        total_s: float = TOTAL_S,
    ) -> None:
        self._allow = tuple(allow)
        self._context = context or ssl.create_default_context()
        self._timeout_s = timeout_s
        self._total_s = total_s
        self._kept: OrderedDict[_Place, HTTPConnection] = OrderedDict()

    def send(self, post: Post) -> Reply:
        """Post and return the reply; every fault of network and receiver is a reply too."""
        parts = urlsplit(post.url)
        place = _place(post.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = self._kept.pop(place, None)
        try:
            if kept is not None:
                try:
                    return self._exchange(kept, place, target, post)
                except TimeoutError:
                    raise
                except (OSError, HTTPException):
                    # The other end closed it while it was idle; the alert's id lets a receiver
                    # drop the double if it was not.
                    kept.close()
            return self._exchange(self._connect(place), place, target, post)
        except OperatorError as error:
            return Reply(False, None, error.sentence)
        except ssl.SSLCertVerificationError as error:
            return Reply(False, None, f"Certificate refused: {error.verify_message}", True)
        except TimeoutError:
            return Reply(False, None, f"No reply within {self._timeout_s:g} s.", True)
        except (OSError, HTTPException, ValueError) as error:
            return Reply(False, None, str(error) or type(error).__name__, True)

    def close(self) -> None:
        """Close the kept connections."""
        while self._kept:
            self._kept.popitem()[1].close()

    def _connect(self, place: _Place) -> HTTPConnection:
        scheme, host, port = place
        raw = connect_allowed(host, port, self._allow, self._timeout_s)
        # Header lines hold what the URL says; the socket goes to the checked address.
        connection = HTTPConnection(host, port, timeout=self._timeout_s)
        connection.default_port = 443 if scheme == "https" else 80
        connection.auto_open = 0  # It may never resolve and connect by itself.
        connection.sock = raw
        if scheme == "https":
            try:
                with time_limit(raw, self._total_s):
                    connection.sock = self._context.wrap_socket(raw, server_hostname=host)
            except BaseException:
                raw.close()
                raise
        return connection

    def _exchange(
        self, connection: HTTPConnection, place: _Place, target: str, post: Post
    ) -> Reply:
        try:
            with time_limit(connection.sock, self._total_s):
                connection.request("POST", target, post.body, dict(post.headers))
                response = connection.getresponse()
                reply = _read_reply(response)
        except BaseException:
            connection.close()
            raise
        # What is left of a long reply would be taken for the next one's head.
        if response.isclosed() and connection.sock is not None:
            self._keep(place, connection)
        else:
            connection.close()
        return reply

    def _keep(self, place: _Place, connection: HTTPConnection) -> None:
        self._kept[place] = connection
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)[1].close()


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)


def _read_reply(response: HTTPResponse) -> Reply:
    text = response.read(REPLY_SIZE_MAX).decode("utf-8", "backslashreplace").strip()
    if not response.isclosed() and response.length == 0:
        response.close()
    status = response.status
    words = text or response.reason
    if 300 <= status < 400:
        # Following it would let a receiver choose where our alerts and our requests go.
        words = f"Redirects are not followed: {words}"
    return Reply(200 <= status < 300, status, words, status >= 500)
