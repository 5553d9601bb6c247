"""Sends through the Apprise library, with every connection of urllib3 behind the guard.

Rules:
- `AppriseSender` replaces urllib3's `create_connection` for the whole process when it is made, so
  one is made, by the worker, before anything is sent.
- Apprise's debug log holds payloads and keys; only its warnings, which it masks, are kept.
- Where the operator has set HTTPS_PROXY, the guard sees the proxy's address, and the proxy is the
  wall.
"""

import socket
from collections.abc import Sequence
from threading import Lock
from typing import Any

import apprise
from urllib3.util import connection

from serinus.alerts.destination import AppriseMessage, Reply
from serinus.alerts.destinations.apprise import AppriseSettings, refused_scheme
from serinus.base.errors import OperatorError
from serinus.net.outgoing import IPNetwork, connect_allowed

TIMEOUT_S = 10.0
"""For connecting, where Apprise asks for no less."""
TOTAL_S = 30.0
"""For one message, however many requests a service takes for it."""
REFUSALS_MAX = 8
"""Refused connections of one message that are told."""


class AppriseSender:
    """Sends `AppriseMessage`s, one at a time.

    Args:
        allow: Networks of the setting outgoing_allow.
    """

    def __init__(self, allow: Sequence[IPNetwork] = ()) -> None:
        self._guard = _Guard(tuple(allow))
        self._lock = Lock()
        # `Any`: urllib3 types it as its own function; ours takes the same arguments.
        door: Any = connection
        door.create_connection = self._guard.create_connection

    def send(self, message: AppriseMessage) -> Reply:
        """Send and return Apprise's own words; every fault is a reply too."""
        try:
            AppriseSettings(message.url)
        except OperatorError as error:
            return Reply(False, None, error.sentence)
        asset = apprise.AppriseAsset(
            app_id="Serinus",
            async_mode=False,
            http_redirects=False,
            secure_logging=True,
            allow_templates=False,
            service_timeout=TOTAL_S,
        )
        # One URL: `Apprise.add` would split text with commas into several.
        # `Any`: what a service can do is not typed by Apprise.
        service: Any = apprise.Apprise.instantiate(message.url, asset=asset)
        if service is None:
            return Reply(False, None, "Apprise cannot read this URL.")
        if any(map(refused_scheme, service.schemas())):
            return Reply(False, None, "This Apprise service is refused.")
        with self._lock:
            self._guard.refusals.clear()
            client = apprise.Apprise(asset=asset)
            client.add(service)
            result = client.notify(title=message.title, body=message.body, body_format="text")
            refusals = list(self._guard.refusals)
        if refusals:
            return Reply(False, None, " ".join(refusals))
        words = " ".join(str(entry.message) for entry in result.logs())
        if result:
            return Reply(True, None, words or "Taken by Apprise.")
        return Reply(False, None, words or "Apprise could not send it.", True)


class _Guard:
    """Makes urllib3's connections, and remembers what it refused."""

    def __init__(self, allow: tuple[IPNetwork, ...]) -> None:
        self._allow = allow
        self.refusals: list[str] = []

    def create_connection(
        self,
        address: tuple[str, int],
        timeout: Any = None,
        source_address: tuple[str, int] | None = None,  # noqa: ARG002
        socket_options: Sequence[tuple[int, int, int | bytes]] | None = None,
    ) -> socket.socket:
        """Connect as `urllib3.util.connection.create_connection` does, to checked addresses.

        Raises:
            OSError: Not reached, or refused; urllib3 and Apprise take nothing else for a fault.
        """
        limit_s = float(timeout) if isinstance(timeout, int | float) else TIMEOUT_S
        try:
            made = connect_allowed(*address, self._allow, limit_s)
        except OperatorError as error:
            if len(self.refusals) < REFUSALS_MAX and error.sentence not in self.refusals:
                self.refusals.append(error.sentence)
            raise OSError(error.sentence) from error
        for option in socket_options or ():
            made.setsockopt(*option)
        return made
