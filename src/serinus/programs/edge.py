"""The edge: answers DNS and HTTP to whoever asks, and can do nothing but append to the ledger.

`python -m serinus.programs.edge DATA` serves until SIGTERM, then commits what it holds and ends
with status 0. It reads the id keys, the front, the answers snapshot and the settings, and nothing
else of the data folder; it opens no outgoing connection.
"""

import asyncio
import logging
import signal
import ssl
import sys
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from serinus.base.clock import unix_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError, StorageError
from serinus.base.folder import DataFolder
from serinus.base.ids import IdKeys, read_keys
from serinus.base.log import start_log
from serinus.base.settings import Settings, read_listen, read_settings
from serinus.edge.dialects import Dialect
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.dns import DNSFront, DNSStream, Outcome, Zone
from serinus.edge.http import HTTPFront
from serinus.ledger.answers import AnswersReader
from serinus.ledger.committer import GroupCommitter
from serinus.ledger.store import LedgerWriter
from serinus.model.front import Front, read_front
from serinus.model.touch import Touch
from serinus.net.tcp import bind_tcp, serve_tcp
from serinus.net.udp import bind_udp, serve_udp
from serinus.wire.conversation import Conversation

MEBIBYTE = 1024 * 1024
SWITCH_INTERVAL_S = 0.0005
"""Python's threads take turns this often, so that a commit does not wait behind a burst."""
RUN_ID_SIZE = 6
"""Random bytes that tell this run's touches from those of every other run and edge."""

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; returns the exit status."""
    folder = DataFolder(Path(arguments[0]))
    settings = read_settings(folder.settings.read_text())
    start_log("edge", settings.log_level)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        asyncio.run(_serve(folder, settings))
    except (OSError, OperatorError) as error:
        _log.error("The edge cannot start: %s", error)
        return 1
    return 0


async def _serve(folder: DataFolder, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keys = read_keys(folder.id_keys.read_text())
    face = read_front(folder.front.read_text())
    answers = AnswersReader(folder.answers)
    run = system_entropy(RUN_ID_SIZE).hex()
    dns = DNSFront(keys, _zones(settings, face, answers), run + "d")
    http = _http_front(settings, keys, face, answers, run + "h")
    committer = GroupCommitter(
        LedgerWriter(folder.ledger, settings.ledger_size_max * MEBIBYTE), loop.call_soon_threadsafe
    )
    keep = partial(_keep, committer)
    sockets = [bind_udp(read_listen(text, "dns")) for text in settings.dns]
    for text, sock in zip(settings.dns, sockets, strict=True):
        serve_udp(loop, sock, partial(_answer_datagram, dns, text), keep)
    servers = [
        await serve_tcp(bind_tcp(read_listen(text, "dns")), partial(_open_dns, dns, text), keep)
        for text in settings.dns
    ]
    servers += [
        await serve_tcp(bind_tcp(read_listen(text, "http")), partial(_open_http, http, text), keep)
        for text in settings.http
    ]
    tls = _tls(settings)
    for text in settings.https if tls else ():
        opener = partial(_open_http, http, text)
        servers.append(await serve_tcp(bind_tcp(read_listen(text, "https")), opener, keep, tls))
    _log.info("The edge answers for %s.", ", ".join(settings.zones))
    await stop.wait()
    for sock in sockets:
        loop.remove_reader(sock.fileno())
    for server in servers:
        server.close()
    await asyncio.to_thread(committer.stop)
    # The last group's answers were handed to this loop: let them leave before it ends.
    await asyncio.sleep(0)
    for sock in sockets:
        sock.close()


def _keep(committer: GroupCommitter, touch: Touch, done: Callable[[bool], None]) -> None:
    if not committer.submit(touch, done):
        done(False)


def _answer_datagram(
    front: DNSFront, local: str, datagram: bytes, source: str, source_port: int
) -> Outcome:
    return front.answer(datagram, source, source_port, "udp", local, unix_time())


def _open_dns(front: DNSFront, local: str, transport: asyncio.Transport) -> Conversation:
    source, source_port = _peer(transport)
    return DNSStream(front, source, source_port, local)


def _open_http(front: HTTPFront, local: str, transport: asyncio.Transport) -> Conversation:
    source, source_port = _peer(transport)
    session = transport.get_extra_info("ssl_object")
    if session is None:
        return front.conversation(source, source_port, local, "tcp")
    return front.conversation(source, source_port, local, "tls", _tls_facts(session))


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    # A peer that has reset the connection by now has no name any more.
    peer: tuple[Any, ...] = transport.get_extra_info("peername") or ("", 0)
    return str(peer[0]), int(peer[1])


def _tls_facts(session: ssl.SSLObject) -> dict[str, Any]:
    cipher = session.cipher()
    return {
        "version": session.version(),
        "cipher": cipher[0] if cipher else None,
        "sni": None,
        "alpn": session.selected_alpn_protocol(),
        "ja3": None,
        "ja4": None,
    }


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings.certificate, settings.certificate_key)
    return context


def _zones(settings: Settings, face: Front, answers: AnswersReader) -> list[Zone]:
    return [
        Zone(
            name=zone,
            addresses_v4=tuple(map(str, settings.addresses_v4)),
            addresses_v6=tuple(map(str, settings.addresses_v6)),
            serial=face.serial,
            ns=face.name_servers,
            ttl=face.ttl,
            txt=partial(_or_nothing, (), answers.texts),
            nxdomain=partial(
                _or_nothing, False, lambda token: answers.nxdomain(token, unix_time())
            ),
        )
        for zone in settings.zones
    ]


def _or_nothing(nothing: Any, look_up: Callable[[Any], Any], key: Any) -> Any:
    """Look up in the snapshot; while it cannot be read every id gets the default surface."""
    try:
        return look_up(key)
    except StorageError as error:
        _log.warning("The answers snapshot cannot be read: %s", error)
        return nothing


def _http_front(
    settings: Settings, keys: IdKeys, face: Front, answers: AnswersReader, edge_id: str
) -> HTTPFront:
    trusted = [ip_network(network, strict=False) for network in settings.trusted_proxy]
    return HTTPFront(
        keys,
        _dialect(face),
        settings.zones,
        partial(_or_nothing, None, answers.get),
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
