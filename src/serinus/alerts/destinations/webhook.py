"""Webhook: one JSON document by HTTP POST, signed where a shared secret is set.

The signature is `sha256=` and the hexadecimal HMAC-SHA256 (RFC 2104) of `TIMESTAMP.BODY` under the
UTF-8 secret, where TIMESTAMP is the text of `X-Serinus-Timestamp` (Unix time in whole seconds). A
receiver compares in constant time, refuses old timestamps, and drops ids that it has seen.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from serinus.alerts.alert import Alert
from serinus.alerts.destination import Outcome, Post, Reply, Verdict, setting
from serinus.base.errors import OperatorError

DOCUMENT_VERSION = 1
"""Raised when a field changes its meaning; new fields do not raise it."""
URL_LENGTH_MAX = 2048
SECRET_LENGTH_MIN = 16
"""Characters: shorter secrets can be guessed from one captured request."""
STATUS_TRANSIENT = frozenset({408, 425, 429})
"""Timeout, too early, too many: the receiver itself asks to come again (RFC 9110, 8470, 6585)."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where to post, and the secret to sign with."""

    # The URL is a secret as well: that of a chat service lets anybody post.
    url: str = setting("URL", "http:// or https:// address that takes the POST.", secret=True)
    secret: str = setting(
        "Signing secret",
        f"Shared secret of at least {SECRET_LENGTH_MIN} characters; empty: not signed.",
        "",
        secret=True,
    )

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            lawful = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            lawful = False
        if not lawful or not self.url.isascii() or any(c <= " " for c in self.url):
            raise OperatorError(
                "URL is an http:// or https:// address without blanks, such as "
                "https://alerts.example.net/in.",
                "url",
            )
        if len(self.url) > URL_LENGTH_MAX:
            raise OperatorError(f"URL has at most {URL_LENGTH_MAX} characters.", "url")
        if "@" in parts.netloc:
            raise OperatorError("URL holds no user name; sign with a secret instead.", "url")
        if self.secret and len(self.secret) < SECRET_LENGTH_MIN:
            raise OperatorError(
                f"Signing secret has at least {SECRET_LENGTH_MIN} characters.", "secret"
            )


class Webhook:
    """The destination `webhook`."""

    name = "webhook"
    title = "Webhook"
    settings = WebhookSettings

    def compose(self, alert: Alert, settings: WebhookSettings, now: datetime) -> Post:
        """Return the POST, signed for `now`."""
        body = json.dumps(_document(alert), indent=1).encode()
        timestamp = str(int(now.timestamp()))
        headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "Serinus"),
            ("X-Serinus-Timestamp", timestamp),
        ]
        if settings.secret:
            headers.append(("X-Serinus-Signature", _sign(settings.secret, timestamp, body)))
        return Post(settings.url, tuple(headers), body)

    def judge(self, reply: Reply) -> Verdict:
        """Take 2xx for delivered, and faults that may pass for a reason to try again."""
        words = reply.text if reply.status is None else f"{reply.status} {reply.text}".strip()
        if reply.ok:
            return Verdict(Outcome.DELIVERED, words)
        passing = (
            reply.transient
            if reply.status is None
            else reply.status in STATUS_TRANSIENT or reply.status >= 500
        )
        return Verdict(Outcome.AGAIN if passing else Outcome.GIVE_UP, words)


WEBHOOK = Webhook()


def _document(alert: Alert) -> dict[str, object]:
    return {
        "version": DOCUMENT_VERSION,
        "id": alert.id,
        "reason": alert.reason.value,
        "incident": alert.incident,
        "headline": alert.headline,
        "memo": alert.memo,
        "kind": alert.kind,
        "time": alert.at.astimezone(UTC).isoformat(),
        "source": {"address": alert.source, "facts": _facts(alert.source_facts)},
        "touched": alert.touched,
        "touches": alert.touches,
        "facts": _facts(alert.facts),
        "link": alert.link,
    }


def _facts(facts: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in facts]


def _sign(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
