"""One attempt at a destination: composed, carried to where it goes, and judged."""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, assert_never

from serinus.alerts.alert import Alert
from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import (
    AppriseMessage,
    Mail,
    Outcome,
    Outgoing,
    Post,
    Reply,
    Verdict,
    read_settings,
)
from serinus.base.errors import OperatorError
from serinus.net.apprise import AppriseSender
from serinus.net.outgoing import read_networks
from serinus.net.smtp import MailSender
from serinus.net.webhook import WebhookSender

log = logging.getLogger(__name__)


class Carrier:
    """Sends for one destination, and keeps its connection for the next; one thread at a time.

    Args:
        allow: Networks of the setting outgoing_allow.
    """

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._allow = allow
        self._webhook: WebhookSender | None = None
        self._mail: MailSender | None = None

    def attempt(
        self, kind: str, settings: Mapping[str, Any], alert: Alert, now: datetime
    ) -> Verdict:
        """Send an alert to a destination of that kind; whatever goes wrong is a verdict too."""
        destination = DESTINATIONS.get(kind)
        if destination is None:
            return Verdict(Outcome.GIVE_UP, f"There is no destination {kind[:80]!r}.")
        try:
            typed = read_settings(destination, settings)
            return destination.judge(self.send(destination.compose(alert, typed, now)))
        except OperatorError as error:
            return Verdict(Outcome.GIVE_UP, error.sentence)
        except Exception as error:
            # Whatever an intruder's text does to a foreign library, the alert stays in the outbox.
            log.exception("a destination of kind %s failed", kind)
            return Verdict(Outcome.AGAIN, f"It could not be sent: {type(error).__name__}.")

    def send(self, outgoing: Outgoing) -> Reply:
        """Send and return the reply; every fault of the network is a reply too."""
        match outgoing:
            case Mail():
                self._mail = self._mail or MailSender(read_networks(self._allow))
                return self._mail.send(outgoing)
            case Post():
                self._webhook = self._webhook or WebhookSender(read_networks(self._allow))
                return self._webhook.send(outgoing)
            case AppriseMessage():
                return _apprise(self._allow).send(outgoing)
            case _:
                assert_never(outgoing)

    def close(self) -> None:
        """Close the kept connections."""
        if self._webhook is not None:
            self._webhook.close()


@lru_cache(maxsize=8)
def _apprise(allow: tuple[str, ...]) -> AppriseSender:
    """Return the process's one sender: it guards the whole of urllib3."""
    return AppriseSender(read_networks(allow))
