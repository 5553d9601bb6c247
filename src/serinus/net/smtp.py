"""Hands mail in by SMTP (RFC 5321), over a guarded connection, with STARTTLS, TLS or neither."""

import smtplib
import socket
import ssl
from collections.abc import Sequence

from serinus.alerts.destination import Mail, MailServer, Reply, Security
from serinus.base.errors import OperatorError
from serinus.base.untrusted import readable
from serinus.net.outgoing import IPNetwork, connect_allowed, time_limit

TIMEOUT_S = 30.0
"""For connecting, and for each reply: greylisting servers greet slowly on purpose."""
TOTAL_S = 120.0
"""For the whole conversation."""


class MailSender:
    """Sends `Mail`s, each over a connection of its own.

    Args:
        allow: Networks of the setting outgoing_allow.
        context: TLS settings, or None for the system's certificate authorities.
        timeout_s: Seconds for connecting and for each reply.
        total_s: Seconds for the conversation.
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

    def send(self, mail: Mail) -> Reply:
        """Hand the mail in and return the server's last word; every fault is a reply too."""
        server = mail.server
        try:
            raw = connect_allowed(server.host, server.port, self._allow, self._timeout_s)
            with raw, time_limit(raw, self._total_s):
                return self._converse(raw, mail)
        except OperatorError as error:
            return Reply(False, None, error.sentence)
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients)
        except smtplib.SMTPResponseException as error:
            return _response(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            return Reply(False, None, str(error))
        except ssl.SSLCertVerificationError as error:
            return Reply(False, None, f"Certificate refused: {error.verify_message}", True)
        except TimeoutError:
            return Reply(False, None, f"No reply within {self._timeout_s:g} s.", True)
        except (OSError, smtplib.SMTPException) as error:
            return Reply(False, None, str(error) or type(error).__name__, True)

    def _converse(self, raw: socket.socket, mail: Mail) -> Reply:
        server = mail.server
        if server.security is Security.TLS:
            raw = self._context.wrap_socket(raw, server_hostname=server.host)
        client = _PinnedSMTP(raw, server, self._timeout_s)
        with client:
            if server.security is Security.STARTTLS:
                client.starttls(context=self._context)
            if server.username:
                client.login(server.username, server.password)
            client.ehlo_or_helo_if_needed()
            refused = client.sendmail(mail.sender, mail.recipients, mail.message)
        if refused:
            # Some took it: sending again would double it for them, so the words tell.
            return Reply(True, 250, f"Not for everybody: {_refused(refused).text}")
        return Reply(True, 250, "Taken by the mail server.")


class _PinnedSMTP(smtplib.SMTP):
    """An SMTP client on a connection that is already open to the checked address."""

    def __init__(self, connection: socket.socket, server: MailServer, timeout_s: float) -> None:
        self._connection = connection
        # smtplib verifies certificates against the host that it is given here.
        super().__init__(server.host, server.port, local_hostname=_own_name(), timeout=timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return self._connection


def _own_name() -> str:
    """Our name in EHLO, without a look-up, which may block: an address literal tells nothing."""
    return "[127.0.0.1]"


def _response(code: int, words: bytes | str) -> Reply:
    return Reply(False, code, _said(code, words), 400 <= code < 500)


def _refused(refused: dict[str, tuple[int, bytes]]) -> Reply:
    text = "; ".join(
        f"{mailbox}: {_said(code, words)}" for mailbox, (code, words) in refused.items()
    )
    codes = [code for code, _ in refused.values()]
    return Reply(False, codes[0], text, any(400 <= code < 500 for code in codes))


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {readable(words)}"
