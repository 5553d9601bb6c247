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
from threading import Thread, local
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
LEFT_MAX = 64
"""Messages that took too long and still hold a thread; no more are begun than that."""
REFUSALS_MAX = 8
"""Refused connections of one message that are told."""


class AppriseSender:
    """Sends `AppriseMessage`s; any number of threads may send at one time.

    Args:
        allow: Networks of the setting outgoing_allow.
        total_s: Limit of one message.
    """

    def __init__(self, allow: Sequence[IPNetwork] = (), total_s: float = TOTAL_S) -> None:
        self._guard = _Guard(tuple(allow))
        self._total_s = total_s
        self._left: list[Thread] = []
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
            # With a limit it would wait for one of a few threads that all its calls share.
            service_timeout=0,
        )
        # One URL: `Apprise.add` would split text with commas into several.
        # `Any`: what a service can do is not typed by Apprise.
        service: Any = apprise.Apprise.instantiate(message.url, asset=asset)
        if service is None:
            return Reply(False, None, "Apprise cannot read this URL.")
        if any(map(refused_scheme, service.schemas())):
            return Reply(False, None, "This Apprise service is refused.")
        client = apprise.Apprise(asset=asset)
        client.add(service)
        return self._within_limit(client, message)

    def _within_limit(self, client: apprise.Apprise, message: AppriseMessage) -> Reply:
        """Notify in a thread that is left behind when it takes too long."""
        self._left = [thread for thread in self._left if thread.is_alive()]
        if len(self._left) >= LEFT_MAX:
            return Reply(False, None, "Too many Apprise services are still busy.", True)
        replies: list[Reply] = []
        thread = Thread(target=lambda: replies.append(self._notify(client, message)), daemon=True)
        thread.start()
        thread.join(self._total_s)
        # In this order: a thread that ends between the two has left its reply.
        is_alive = thread.is_alive()
        if replies:
            return replies[0]
        if not is_alive:
            return Reply(False, None, "Apprise failed; the worker's log says how.", True)
        self._left.append(thread)
        return Reply(False, None, "Apprise could not send it in time.", True)

    def _notify(self, client: apprise.Apprise, message: AppriseMessage) -> Reply:
        result = client.notify(title=message.title, body=message.body, body_format="text")
        refusals = self._guard.refusals()
        if refusals:
            return Reply(False, None, " ".join(refusals))
        words = " ".join(str(entry.message) for entry in result.logs())
        if result:
            return Reply(True, None, words or "Taken by Apprise.")
        return Reply(False, None, words or "Apprise could not send it.", True)


class _Guard:
    """Makes urllib3's connections, and remembers for each thread what it refused."""

    def __init__(self, allow: tuple[IPNetwork, ...]) -> None:
        self._allow = allow
        self._of_thread = local()

    def refusals(self) -> list[str]:
        """The sentences of what was refused in this thread; a thread sends one message."""
        found: list[str] = self._of_thread.__dict__.setdefault("refusals", [])
        return found

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
            refusals = self.refusals()
            if len(refusals) < REFUSALS_MAX and error.sentence not in refusals:
                refusals.append(error.sentence)
            raise OSError(error.sentence) from error
        for option in socket_options or ():
            made.setsockopt(*option)
        return made
