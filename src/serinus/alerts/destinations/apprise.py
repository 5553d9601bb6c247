"""Apprise: the long tail of services, each behind one Apprise URL.

Rules:
- A URL that reaches for this machine (its desktop, its log, its programs, its files) is refused.
- A URL whose service brings its own sockets is refused as well, because only connections made by
  urllib3 pass the guard of `net.outgoing`. Read in apprise 2.2.0, `plugins/`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from serinus.alerts.alert import Alert
from serinus.alerts.destination import (
    AppriseMessage,
    Reply,
    Verdict,
    judge_transience,
    setting,
    summary_rows,
)
from serinus.base.errors import OperatorError

URL_LENGTH_MAX = 2048
SCHEMES_LOCAL = frozenset(
    [
        "blink1",
        "dbus",
        "kde",
        "qt",
        "gio",
        "glib",
        "gnome",
        "macosx",
        "windows",
        "syslog",
        "growl",
        "file",
        "exec",
        "script",
    ]
)
"""They show something on this machine, write its log, drive its USB or run its programs."""
SCHEMES_OWN_SOCKETS = frozenset(
    {
        "amqp",
        "amqps",
        "aprs",
        "deltachat",
        "deltachats",
        "irc",
        "ircs",
        "mailto",
        "mailtos",
        "mqtt",
        "mqtts",
        "nostr",
        "rsyslog",
        "smpp",
        "smpps",
        "vapid",
        "xmpp",
        "xmpps",
    }
)
"""They connect past the guard; for mail there is the destination `email`."""
OPTIONS_LOCAL = frozenset({"attach", "keyfile", "pem", "prvkey", "subfile", "template"})
"""URL options whose value is a file of this machine."""


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    """The one Apprise URL, which is a secret: it holds the service's keys."""

    url: str = setting("Apprise URL", "Such as ntfys://example.net/topic.", secret=True)

    def __post_init__(self) -> None:
        match = re.match(r"([a-z0-9]{1,32})://\S+\Z", self.url, re.IGNORECASE)
        if match is None or len(self.url) > URL_LENGTH_MAX:
            raise OperatorError(
                "Apprise URL is SCHEME://… without blanks, such as ntfys://example.net/topic.",
                "url",
            )
        scheme = match[1].lower()
        if refused_scheme(scheme):
            raise OperatorError(
                f"Apprise URL: {scheme}:// is refused, because it reaches for this machine or "
                "connects past the guard; take a service that is reached by https.",
                "url",
            )
        try:
            options = parse_qsl(urlsplit(self.url).query, keep_blank_values=True)
        except ValueError:
            raise OperatorError("Apprise URL cannot be read.", "url") from None
        for option, _ in options:
            if option.lower().strip() in OPTIONS_LOCAL:
                raise OperatorError(
                    f"Apprise URL: the option {option.lower().strip()} opens a local file; "
                    "leave it out.",
                    "url",
                )


class Apprise:
    """The destination `apprise`."""

    name = "apprise"
    title = "Apprise"
    settings = AppriseSettings

    def compose(self, alert: Alert, settings: AppriseSettings, now: datetime) -> AppriseMessage:  # noqa: ARG002
        """Return title and plain text; the service stamps its own time."""
        rows = [f"{label}: {value}" for label, value in summary_rows(alert)]
        if alert.link:
            rows.append(alert.link)
        return AppriseMessage(settings.url, alert.headline, "\n".join(rows))

    def judge(self, reply: Reply) -> Verdict:
        """Go by the sender's word: Apprise does not tell passing faults from lasting ones."""
        return judge_transience(reply)


APPRISE = Apprise()


def refused_scheme(scheme: str) -> bool:
    """Whether Apprise URLs of this scheme (lower case) are refused."""
    return scheme in SCHEMES_LOCAL or scheme in SCHEMES_OWN_SOCKETS
