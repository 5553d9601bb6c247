"""E-mail: one sentence, a small table and a button, as text and as HTML.

Rules:
- The Message-ID is made from the alert and the mailbox, so that a retry that arrives twice is one
  message to whoever counts them; alerts of one incident refer to one thread.
- Nothing is drawn by chance, so that composing twice gives the same bytes.
- HTML holds no image, no script and nothing remote: opening it tells nobody.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from serinus.alerts.alert import Alert, Reason
from serinus.alerts.destination import (
    Mail,
    MailServer,
    Reply,
    Security,
    Verdict,
    judge_transience,
    setting,
    summary_rows,
)
from serinus.base.errors import OperatorError
from serinus.base.settings import PORT_MAX

RECIPIENTS_MAX = 50
"""Mailboxes of one destination; more people are a mailing list."""
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
"""RFC 5321 §4.1.2 without quoted local parts and address literals, which nobody's alerts need."""
BOUNDARY_LENGTH = 32

_STYLE = """
:root{color-scheme:light dark}
body{margin:0;padding:16px;background:#fff;color:#1b1b1b;font:16px/1.5 sans-serif}
main{max-width:600px;margin:0 auto}
h1{font-size:20px;line-height:1.35;margin:0 0 16px}
th{text-align:left;vertical-align:top;padding:4px 16px 4px 0;color:#555;font-weight:normal}
td{padding:4px 0;word-break:break-word}
a{display:inline-block;margin:16px 0;padding:12px 20px;border-radius:6px;background:#8a5a00;
color:#fff;text-decoration:none;font-weight:bold}
@media (prefers-color-scheme:dark){body{background:#161616;color:#eee}th{color:#aaa}
a{background:#ffc83d;color:#161616}}
"""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The mailboxes, and the server that takes the mail."""

    to: tuple[str, ...] = setting("To", "Mailboxes, separated by commas.")
    sender: str = setting("From", "Mailbox that the mail comes from.")
    host: str = setting(
        "Mail server", "Name or address of the server that takes the mail.", place=True
    )
    port: int = setting("Port", "587 for starttls, 465 for tls, 25 for none.", 587, place=True)
    security: str = setting(
        "Security",
        "starttls and tls verify the server's certificate; none protects nothing.",
        Security.STARTTLS.value,
        choices=tuple(choice.value for choice in Security),
    )
    username: str = setting("User name", "Empty: no login.", "")
    password: str = setting("Password", "Used with the user name.", "", secret=True)

    def __post_init__(self) -> None:
        if not 1 <= len(self.to) <= RECIPIENTS_MAX:
            raise OperatorError(f"To has 1 to {RECIPIENTS_MAX} mailboxes.", "to")
        for mailbox in self.to:
            _check_mailbox(mailbox, "To", "to")
        _check_mailbox(self.sender, "From", "sender")
        if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", self.host):
            raise OperatorError("Mail server is a host name or an address.", "host")
        if not 1 <= self.port <= PORT_MAX:
            raise OperatorError(f"Port is a number from 1 to {PORT_MAX}.", "port")
        if bool(self.username) != bool(self.password):
            raise OperatorError("Give both user name and password, or neither.", "username")
        if self.username and self.security == Security.NONE:
            raise OperatorError(
                "A login needs starttls or tls, or the password crosses the network in the clear.",
                "security",
            )


class Email:
    """The destination `email`."""

    name = "email"
    title = "E-mail"
    settings = EmailSettings

    def compose(self, alert: Alert, settings: EmailSettings, now: datetime) -> Mail:
        """Return the message, dated `now`."""
        domain = settings.sender.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["Subject"] = _subject(alert.headline)
        message["From"] = Address("Serinus", addr_spec=settings.sender)
        message["To"] = [Address(addr_spec=mailbox) for mailbox in settings.to]
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{_digest(alert.id, *sorted(settings.to))}@{domain}>"
        if alert.incident:
            message["References"] = f"<{_digest('incident', alert.incident)}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies.
        if alert.reason in (Reason.OPENED, Reason.ALARM):
            message["Importance"] = "high"
        message.set_content(_text(alert), cte="quoted-printable")
        message.add_alternative(_html(alert), subtype="html", cte="quoted-printable")
        message.set_boundary(_digest("boundary", alert.id))
        server = MailServer(
            settings.host,
            settings.port,
            Security(settings.security),
            settings.username,
            settings.password,
        )
        return Mail(server, settings.sender, settings.to, message.as_bytes())

    def judge(self, reply: Reply) -> Verdict:
        """Try again after 4xx and network faults (RFC 5321 §4.2.1), not after 5xx."""
        return judge_transience(reply)


EMAIL = Email()


def _subject(headline: str) -> str:
    """Return the headline without RFC 2047's `=?`, by which an intruder's text would be decoded.

    `EmailMessage` decodes such words where it should take them literally: they would bring line
    breaks, and with them header fields, or surrogates, on which composing fails.
    """
    return headline.replace("=?", "= ?")


def _text(alert: Alert) -> str:
    rows = "\n".join(f"{label}: {value}" for label, value in summary_rows(alert))
    link = f"\n\nOpen it in the Console:\n{alert.link}" if alert.link else ""
    return f"{alert.headline}\n\n{rows}{link}\n"


def _html(alert: Alert) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'
        for label, value in summary_rows(alert)
    )
    button = f'<p><a href="{escape(alert.link)}">Open in the Console</a></p>' if alert.link else ""
    title = escape(alert.headline)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body><main>\n<h1>{title}</h1>\n<table>\n{rows}\n</table>\n{button}\n"
        "</main></body></html>\n"
    )


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:BOUNDARY_LENGTH]


def _check_mailbox(mailbox: str, label: str, field: str) -> None:
    if not MAILBOX.fullmatch(mailbox) or ".." in mailbox:
        raise OperatorError(f"{label}: {mailbox!r} is not a mailbox such as a@example.net.", field)
    try:
        Address(addr_spec=mailbox)
    except (ValueError, IndexError):
        raise OperatorError(
            f"{label}: {mailbox!r} is not a mailbox such as a@example.net.", field
        ) from None
