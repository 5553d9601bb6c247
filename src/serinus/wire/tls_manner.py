"""How a server speaks TLS where products differ and a client can see it."""

from typing import NamedTuple


class TLSManner(NamedTuple):
    """How one product speaks TLS.

    Attributes:
        ciphers: OpenSSL cipher list of its configuration as Debian ships it.
        prefers_own_ciphers: The server's order of ciphers counts, not the client's.
        protocols: Application protocols (ALPN, RFC 7301), the most wanted first.
        insists: A client that offers protocols, and none of these, gets an alert.
        tickets: Sessions are kept by the client, in tickets, also with TLS 1.2.
    """

    ciphers: str
    prefers_own_ciphers: bool
    protocols: tuple[str, ...]
    insists: bool
    tickets: bool
