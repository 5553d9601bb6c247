"""The edge: answers DNS and HTTP to whoever asks, and can do nothing but append to the ledger.

`python -m serinus.programs.edge DATA` serves until SIGTERM, then commits what it holds and ends
with status 0. It reads the id keys, the front, the answers snapshot and the settings, and nothing
else of the data folder; it opens no outgoing connection.
"""

import asyncio
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from serinus.base.clock import unix_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.ids import IdKeys, TokenId, read_keys
from serinus.base.log import start_log
from serinus.base.settings import Listen, Settings, read_listen, read_settings
from serinus.edge.dialects import Dialect
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.dns import DNSFront, Zone
from serinus.edge.dns_stream import DNSStream
from serinus.edge.http import HTTPFront
from serinus.ledger.answers import AnswersReader
from serinus.ledger.batch import Batch, ChannelKeeper
from serinus.ledger.committer import GroupCommitter
from serinus.ledger.lookup import Lookup
from serinus.ledger.store import LedgerWriter
from serinus.model.answer import Answer
from serinus.model.front import Front, read_front
from serinus.net.tcp import CONNECTIONS_MAX, TCPServer, bind_tcp, serve_tcp
from serinus.net.tls import Certificate, TLSConversation
from serinus.net.udp import bind_udp, serve_udp
from serinus.programs.lifeline import hold_lifeline
from serinus.wire.conversation import Conversation

MEBIBYTE = 1024 * 1024
SWITCH_INTERVAL_S = 0.0005
"""Python's threads take turns this often, so that a commit does not wait behind a burst."""
GARBAGE_THRESHOLD = 50_000
"""New objects before rings among them are looked for; a usual connection makes none."""
RUN_ID_SIZE = 6
"""Random bytes that tell this run's touches from those of every other run and edge."""
DESCRIPTORS_KEPT = 128
"""File descriptors that connections may not take: listeners, ledger, answers, log, certificate."""

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; returns the exit status."""
    start_log("edge", "info")
    try:
        if len(arguments) != 1:
            raise OperatorError("Give the data folder, and nothing else, as argument.")
        folder = DataFolder(Path(arguments[0]))
        settings = read_settings(folder.settings.read_text())
        start_log("edge", settings.log_level)
        hold_lifeline()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        asyncio.run(_serve(folder, settings))
    except (OSError, ValueError, OperatorError) as error:
        _log.error("The edge cannot start: %s", error)
        return 1
    return 0


async def _serve(folder: DataFolder, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    edge = _Edge(loop, folder, settings)
    try:
        edge.start()
        _log.info("The edge answers for %s.", ", ".join(settings.zones))
        await stop.wait()
    finally:
        await edge.stop()


class _Edge:
    """The fronts of one data folder, tied to their sockets and to the ledger."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, folder: DataFolder, settings: Settings
    ) -> None:
        self._loop, self._settings = loop, settings
        keys = read_keys(folder.id_keys.read_text())
        face = read_front(folder.front.read_text())
        self._answers = AnswersReader(folder.answers)
        run = system_entropy(RUN_ID_SIZE).hex()
        self._dns = DNSFront(keys, _zones(settings, face, self._answers), run + "d")
        self._http = _http_front(settings, keys, face, self._answers, run + "h")
        self._certificate = _certificate(folder, settings, self._http.dialect)
        self._committer = GroupCommitter(
            LedgerWriter(folder.ledger, settings.ledger_size_max * MEBIBYTE),
            loop.call_soon_threadsafe,
        )
        self._batch = Batch(loop.call_soon, self._committer)
        self._datagrams: list[socket.socket] = []
        self._servers: list[TCPServer] = []

    def start(self) -> None:
        """Listen and answer; raises OperatorError where an address cannot be listened on."""
        settings = self._settings
        opener: Callable[[str, int], Conversation]
        for_dns = ChannelKeeper(self._committer, self._batch, "dns")
        for_http = ChannelKeeper(self._committer, self._batch, "http")
        https = settings.https if self._certificate else ()
        most = _connections_max(len(settings.dns) + len(settings.http) + len(https))
        for text in settings.dns:
            sock = _bind(bind_udp, "dns", text)
            self._datagrams.append(sock)
            serve_udp(self._loop, sock, self._dns.answer_datagram, for_dns)
            opener = partial(self._open_dns, text)
            self._servers.append(serve_tcp(_bind(bind_tcp, "dns", text), opener, for_dns, most))
        for text in settings.http:
            opener = partial(self._http.open_plain, text)
            self._servers.append(serve_tcp(_bind(bind_tcp, "http", text), opener, for_http, most))
        for text in https:
            opener = partial(self._open_https, text)
            self._servers.append(serve_tcp(_bind(bind_tcp, "https", text), opener, for_http, most))

    async def stop(self) -> None:
        """Read nothing more, commit what was read, answer it, let go."""
        for sock in self._datagrams:
            self._loop.remove_reader(sock)
        for server in self._servers:
            server.stop_accepting()
        self._batch.flush()
        await asyncio.to_thread(self._committer.stop)
        # The last group's answers were handed to this loop: let them leave before it ends.
        await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        for sock in self._datagrams:
            sock.close()
        self._answers.close()

    def _open_dns(self, local: str, source: str, source_port: int) -> Conversation:
        return DNSStream(self._dns, source, source_port, local)

    def _open_https(self, local: str, source: str, source_port: int) -> Conversation:
        assert self._certificate is not None  # noqa: S101 - else nothing listens
        manner = self._http.dialect.tls
        return TLSConversation(
            self._certificate.context(unix_time()),
            partial(self._open_within, local),
            source,
            source_port,
            self._http.trusts(source),
            manner.protocols if manner.insists else (),
        )

    def _open_within(
        self,
        local: str,
        source: str,
        source_port: int,
        proxy: str | None,
        tls: dict[str, Any] | None,
    ) -> Conversation:
        if tls is None:
            return self._http.conversation(
                source, source_port, local, "tcp", None, proxy, misdirected=True
            )
        return self._http.conversation(source, source_port, local, "tls", tls, proxy)


def _bind(bind: Callable[[Listen], socket.socket], name: str, text: str) -> socket.socket:
    try:
        return bind(read_listen(text, name))
    except OSError as error:
        raise OperatorError(
            f"{name}: {text} cannot be listened on: {error.strerror}; "
            "free it, or give another address and port.",
            name,
        ) from error


def _connections_max(listeners: int) -> int:
    """Raise the limit of file descriptors as far as we may; return each listener's share."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_KEPT + listeners * CONNECTIONS_MAX
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    share = (min(soft, limit) if soft > 0 else limit) - DESCRIPTORS_KEPT
    return max(1, min(CONNECTIONS_MAX, share // max(1, listeners)))


def _certificate(folder: DataFolder, settings: Settings, dialect: Dialect) -> Certificate | None:
    """Return the operator's certificate or the trial one; None, said in the log, without both."""
    if not settings.https:
        return None
    chain, key = Path(settings.certificate), Path(settings.certificate_key)
    if not settings.certificate:
        chain, key = folder.trial_certificate, folder.trial_certificate_key
        if not chain.exists():
            _log.warning("There is no certificate, so HTTPS is not answered.")
            return None
    return Certificate(chain, key, dialect.tls)


def _zones(settings: Settings, face: Front, answers: AnswersReader) -> list[Zone]:
    texts: Lookup[str, Sequence[str]] = Lookup(answers.texts, ())
    nxdomain: Lookup[TokenId, bool] = Lookup(
        lambda token: answers.nxdomain(token, unix_time()), False
    )
    return [
        Zone(
            name=zone,
            addresses_v4=tuple(map(str, settings.addresses_v4)),
            addresses_v6=tuple(map(str, settings.addresses_v6)),
            serial=face.serial,
            ns=face.name_servers,
            ttl=face.ttl,
            txt=texts,
            nxdomain=nxdomain,
            mailbox=face.mailbox,
            times=face.soa_times,
        )
        for zone in settings.zones
    ]


def _http_front(
    settings: Settings, keys: IdKeys, face: Front, answers: AnswersReader, edge_id: str
) -> HTTPFront:
    trusted = [ip_network(network, strict=False) for network in settings.trusted_proxy]
    found: Lookup[TokenId, Answer | None] = Lookup(
        lambda token: answers.look_up(token, unix_time()), None
    )
    return HTTPFront(
        keys,
        _dialect(face),
        settings.zones,
        found,
        bytes.fromhex(face.pixel),
        "image/gif",
        edge_id,
        trusted,
    )


def _dialect(face: Front) -> Dialect:
    make = make_apache if face.dialect == "apache" else make_nginx
    return make(face.modified)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
