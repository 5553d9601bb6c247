"""TLS between the shell and a conversation: bytes of the wire on one side, of HTTP on the other.

Rules:
- It is a conversation itself, by memory alone, so that the shell knows nothing of TLS.
- The ClientHello is read for its fingerprints before OpenSSL has it; what it does not allow to be
  read goes to OpenSSL all the same, which answers as in any other server.
- From a trusted proxy, a PROXY header may come before it.
- A handshake that fails after a hello still has its server name told to the conversation within:
  whoever refuses our certificate has looked a token's name up.
- What is no TLS at all goes to the conversation as it is; the imitated product says what it does
  with HTTP on its HTTPS port.
"""

import logging
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.wire.conversation import Close, Command, Conversation, Noise, Report, Send, Wake
from serinus.wire.proxy import read_proxy_header
from serinus.wire.tls_hello import Hello, read_hello
from serinus.wire.tls_manner import TLSManner

HANDSHAKE_TIME_S = 20.0
"""Seconds for PROXY header, hello and handshake together; as long as a request's headers have."""
READ_SIZE = 64 * 1024
"""Bytes of plain text read at once."""
CHECK_S = 1.0
"""The certificate's files are looked at no more often than this."""
HANDSHAKE_RECORD = 0x16
"""First byte of every TLS connection (RFC 8446 §5.1)."""
SSLV2_RECORD = 0x80
"""First bit of an SSLv2 hello, which OpenSSL refuses."""
NO_PROTOCOL = bytes((21, 3, 3, 0, 2, 2, 120))
"""A record with the fatal alert no_application_protocol (RFC 7301 §3.2). Python's `ssl` has no
setting that makes OpenSSL send it."""

_log = logging.getLogger(__name__)

OpenWithin = Callable[[str, int, str | None, dict[str, Any] | None], Conversation]
"""Makes the conversation within, given the client's address and port, the address of the proxy
that named them, and what is known of the TLS session: None where the client speaks none."""


class Certificate:
    """The server's certificate files, read again when they change.

    Args:
        chain: PEM file with the certificate chain.
        key: PEM file with its private key.
        manner: How the imitated product speaks TLS.

    Raises:
        OperatorError: The files cannot be used.
    """

    def __init__(self, chain: Path, key: Path, manner: TLSManner) -> None:
        self._chain, self._key = chain, key
        self._manner = manner
        self._checked_at = 0.0
        self._seen = self._look()
        try:
            self._context = self._load()
        except (OSError, ValueError) as error:
            raise OperatorError(
                f"The certificate {chain} with the key {key} cannot be used: "
                f"{_reason(error)}; give two PEM files that belong together.",
                "certificate",
            ) from error

    def context(self, now: float) -> ssl.SSLContext:
        """Return the settings of a new session; a new certificate that is broken changes nothing.

        Args:
            now: Unix seconds.
        """
        if not 0 <= now - self._checked_at < CHECK_S:
            self._checked_at = now
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self._reload()
        return self._context

    def _reload(self) -> None:
        try:
            self._context = self._load()
        except (OSError, ValueError) as error:
            _log.error(
                "The new certificate %s cannot be used, the old one stays: %s",
                self._chain,
                _reason(error),
            )
        else:
            _log.info("The certificate was read again.")

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(self._chain), _stamp(self._key)]

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(self._manner.ciphers)
        context.set_alpn_protocols(self._manner.protocols)
        if ssl.OPENSSL_VERSION_INFO >= (3,) and context.security_level >= 1:
            # Its security level rules TLS 1.0 and 1.1 out (OpenSSL 3, SSL_CTX_set_security_level),
            # as for both products, which refuse them with its alert and not with Python's.
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.options |= ssl.OP_NO_RENEGOTIATION
        if not self._manner.prefers_own_ciphers:
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        if not self._manner.tickets:
            context.options |= ssl.OP_NO_TICKET
        # With a password given, an encrypted key is a fault instead of a question at the terminal.
        context.load_cert_chain(self._chain, self._key, password="")
        return context


class TLSConversation:
    """One TLS connection around a conversation.

    Args:
        context: Settings of the session.
        open_: Makes the conversation within.
        source: Address of the socket's other end.
        source_port: Its port.
        reads_proxy: The other end is a proxy whose PROXY header is believed.
        insists_on: Application protocols; a client that offers others alone gets an alert.
    """

    __slots__ = (
        *("_context", "_early", "_hello", "_incoming", "_inner", "_open", "_outgoing", "_peer"),
        *("_insists_on", "_proxy", "_ready", "_session", "_source", "_source_port"),
    )

    def __init__(
        self,
        context: ssl.SSLContext,
        open_: OpenWithin,
        source: str,
        source_port: int,
        reads_proxy: bool = False,
        insists_on: Sequence[str] = (),
    ) -> None:
        self._context, self._open = context, open_
        self._insists_on = insists_on
        self._source, self._source_port = source, source_port
        self._peer: str | None = None
        self._proxy = reads_proxy
        self._early = b""
        self._hello: Hello | None = None
        self._session: ssl.SSLObject | None = None
        self._ready = False
        self._inner: Conversation | None = None
        self._incoming: ssl.MemoryBIO
        self._outgoing: ssl.MemoryBIO

    def opened(self, now: float) -> Sequence[Command]:
        """Give the other end time for its handshake."""
        return [Wake(now + HANDSHAKE_TIME_S)]

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        """Advance the handshake, or hand on what the bytes hold."""
        if self._session is not None:
            self._incoming.write(data)
            return self._advance(self._session, now)
        if self._inner is not None:
            return self._inner.received(data, now)
        self._early += data
        if self._proxy and not self._read_proxy():
            return [] if self._proxy else [Close()]
        return self._begin(now) if self._early else []

    def woken(self, now: float) -> Sequence[Command]:
        """Wake the conversation within, or end a handshake that takes too long."""
        if self._inner is None:
            return [*self.closed(now), Close()]
        return self._seal(self._inner.woken(now))

    def closed(self, now: float) -> Sequence[Command]:
        """Tell the conversation within, also one that the handshake did not come to."""
        if self._inner is None:
            if self._hello is None:
                return [Noise(self._source)] if self._early else []
            self._inner = self._open_within(None)
            return [c for c in self._inner.closed(now) if isinstance(c, Report | Noise)]
        return self._seal(self._inner.closed(now))

    def _read_proxy(self) -> bool:
        """Take the PROXY header off; False when it is broken, or (`_proxy` stays) incomplete."""
        try:
            header = read_proxy_header(self._early)
        except RemoteProtocolError:
            self._proxy = False
            return False
        if header is None:
            return False
        self._proxy = False
        self._early = self._early[header.size :]
        if header.source is not None:
            self._peer = self._source
            self._source, self._source_port = header.source, header.source_port
        return True

    def _begin(self, now: float) -> Sequence[Command]:
        early = self._early
        if early[0] != HANDSHAKE_RECORD and not early[0] & SSLV2_RECORD:
            self._early = b""
            inner = self._inner = self._open(self._source, self._source_port, self._peer, None)
            return [*inner.opened(now), *inner.received(early, now)]
        try:
            self._hello = read_hello(early)
            if self._hello is None:
                return []
        except RemoteProtocolError:
            pass
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._incoming.write(early)
        return self._advance(self._session, now)

    def _advance(self, session: ssl.SSLObject, now: float) -> Sequence[Command]:
        commands: list[Command] = []
        if not self._ready:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                answer = self._flush()
                if not self._agrees():
                    # All else about the hello is well, so this is what the product says of it.
                    return [Send(NO_PROTOCOL), *self.closed(now), Close()]
                return answer
            except ssl.SSLError:
                return [*self._flush(), *self.closed(now), Close()]
            self._ready = True
            commands += self._flush()
            self._inner = self._open_within(session)
            self._hello, self._early = None, b""
            commands += self._inner.opened(now)
        inner = self._inner
        assert inner is not None  # noqa: S101 - made with the handshake's end
        data, ended = _read_all(session)
        commands += self._flush()
        if data:
            commands += self._seal(inner.received(data, now))
        if ended and not any(isinstance(command, Close) for command in commands):
            commands += [*self._seal(inner.closed(now)), *self._seal([Close()])]
        return commands

    def _agrees(self) -> bool:
        """Whether the client offers no application protocol, or one that is insisted on."""
        offered = self._hello.alpn if self._hello else ()
        return not (offered and self._insists_on) or not set(offered).isdisjoint(self._insists_on)

    def _open_within(self, session: ssl.SSLObject | None) -> Conversation:
        hello = self._hello
        cipher = session.cipher() if session else None
        facts = {
            "version": session.version() if session else None,
            "cipher": cipher[0] if cipher else None,
            "sni": hello.sni if hello else None,
            "alpn": session.selected_alpn_protocol() if session else None,
            "ja3": hello.ja3 if hello else None,
            "ja4": hello.ja4 if hello else None,
        }
        return self._open(self._source, self._source_port, self._peer, facts)

    def _flush(self) -> list[Command]:
        data = self._outgoing.read()
        return [Send(data)] if data else []

    def _seal(self, commands: Sequence[Command]) -> list[Command]:
        """Return the commands with what they send as TLS records."""
        session = self._session
        if session is None:
            return list(commands)
        sealed: list[Command] = []
        for command in commands:
            try:
                if isinstance(command, Send):
                    session.write(command.data)
                elif isinstance(command, Close):
                    session.unwrap()
            except ssl.SSLError:
                pass  # The other end's close is not waited for; a dead session sends nothing.
            sealed += self._flush()
            if not isinstance(command, Send):
                sealed.append(command)
        return sealed


def _read_all(session: ssl.SSLObject) -> tuple[bytes, bool]:
    """Return the plain text that is there, and whether there will be no more."""
    pieces: list[bytes] = []
    while True:
        try:
            piece = session.read(READ_SIZE)
        except ssl.SSLWantReadError:
            return b"".join(pieces), False
        except ssl.SSLError:
            return b"".join(pieces), True
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _reason(error: Exception) -> str:
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(text).replace("_", " ").lower()
