"""TLS as a layer, spoken to by the standard library's client in memory; no sockets."""

import logging
import os
import ssl
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.certificates import make_certificate
from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.net.tls import CHECK_S, HANDSHAKE_TIME_S, Certificate, TLSConversation
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake
from serinus.wire.tls_manner import TLSManner

NOW = 1e9
TOUCH = Touch("e-1", 1.0, "http", "tls", "192.0.2.1", 9, (TokenId("x"),), {})
APACHE = TLSManner("HIGH:!aNULL", False, ("http/1.1",), insists=False, tickets=False)
NGINX = TLSManner(
    "HIGH:!aNULL:!MD5", True, ("http/1.1", "http/1.0", "http/0.9"), insists=True, tickets=True
)
PROXY = b"PROXY TCP4 203.0.113.7 10.0.0.1 77 443\r\n"


class Within:
    """Echoes, and remembers what it was opened with and what it was told."""

    def __init__(self, *opened_with: Any) -> None:
        self.source, self.port, self.peer, self.tls = opened_with
        self.heard: list[bytes] = []

    def opened(self, now: float) -> Sequence[Command]:
        return (Wake(now + 5),)

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        self.heard.append(data)
        return (Report(TOUCH), Send(b"you said " + data), Close())

    def woken(self, now: float) -> Sequence[Command]:
        return (Send(b"late"), Close())

    def closed(self, now: float) -> Sequence[Command]:
        return (Report(TOUCH), Send(b"nobody reads this"))


class Client:
    """A TLS client in memory."""

    def __init__(
        self,
        host: str = "a.files.example",
        verify: bool = False,
        protocols: Sequence[str] = ("h2", "http/1.1"),
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> None:
        context = ssl.create_default_context()
        if not verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(protocols)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)

    def shake(self, server: TLSConversation) -> list[Command]:
        """Shake hands; return what the server said last."""
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                self.carry(server)
            except ssl.SSLError:
                return self.carry(server)
            else:
                return self.carry(server)

    def carry(self, server: TLSConversation) -> list[Command]:
        data = self.outgoing.read()
        commands = list(server.received(data, NOW)) if data else []
        for command in commands:
            if isinstance(command, Send):
                self.incoming.write(command.data)
        return commands


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("tls"))


def write_certificate(folder: Path, zone: str = "files.example") -> tuple[Path, Path]:
    chain, key = make_certificate([zone], os.urandom, datetime.now(UTC))
    (folder / "chain.pem").write_text(chain)
    (folder / "key.pem").write_text(key)
    return folder / "chain.pem", folder / "key.pem"


def load(files: tuple[Path, Path], manner: TLSManner = APACHE) -> Certificate:
    return Certificate(*files, manner)


def start(
    files: tuple[Path, Path], reads_proxy: bool = False, manner: TLSManner = APACHE
) -> tuple[TLSConversation, list[Within]]:
    made: list[Within] = []

    def open_(*opened_with: Any) -> Within:
        made.append(Within(*opened_with))
        return made[-1]

    context = load(files, manner).context(NOW)
    insists_on = manner.protocols if manner.insists else ()
    return TLSConversation(context, open_, "192.0.2.1", 9, reads_proxy, insists_on), made


def kinds(commands: Sequence[Command]) -> list[type]:
    return [type(command) for command in commands]


def test_a_session_tells_what_it_is_and_carries_both_ways(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    assert server.opened(NOW) == [Wake(NOW + HANDSHAKE_TIME_S)]
    client = Client()
    client.shake(server)
    [within] = made
    assert within.tls["version"] == "TLSv1.3"
    assert within.tls["sni"] == "a.files.example"
    assert within.tls["alpn"] == "http/1.1"
    assert within.tls["cipher"].startswith("TLS_")
    assert within.tls["ja4"].startswith("t13d") and len(within.tls["ja3"]) == 32
    client.session.write(b"hello")
    commands = client.carry(server)
    assert kinds(commands) == [Report, Send, Send, Close]
    assert client.session.read(99) == b"you said hello"
    assert client.session.read(99) == b""  # The other end's close, said in TLS.


def test_cutting_the_bytes_elsewhere_changes_nothing(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    client = Client()
    with pytest.raises(ssl.SSLWantReadError):
        client.session.do_handshake()
    hello = client.outgoing.read()
    answer: list[Command] = []
    for at in range(len(hello)):
        assert not answer
        answer = list(server.received(hello[at : at + 1], NOW))
    for command in answer:
        assert isinstance(command, Send)
        client.incoming.write(command.data)
    client.shake(server)
    assert made[0].tls["sni"] == "a.files.example"


def test_a_client_that_refuses_the_certificate_has_told_a_name(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    commands = Client(verify=True).shake(server)
    # TLS 1.3: our side of the handshake ends only with the client's alert.
    assert kinds(commands)[-2:] == [Report, Close]
    assert made[0].tls["sni"] == "a.files.example" and made[0].tls["cipher"] is None


def test_a_hello_that_is_never_followed_is_told_when_time_is_up(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    client = Client()
    with pytest.raises(ssl.SSLWantReadError):
        client.session.do_handshake()
    client.carry(server)
    assert not made
    assert kinds(server.woken(NOW)) == [Report, Close]
    assert made[0].tls["sni"] == "a.files.example"


@pytest.mark.parametrize("cut", [3, len(PROXY), len(PROXY) + 20])
def test_a_proxy_names_the_client_before_the_session(files: tuple[Path, Path], cut: int) -> None:
    server, made = start(files, reads_proxy=True)
    client = Client()
    with pytest.raises(ssl.SSLWantReadError):
        client.session.do_handshake()
    data = PROXY + client.outgoing.read()
    assert not server.received(data[:cut], NOW)
    for command in server.received(data[cut:], NOW):
        assert isinstance(command, Send)
        client.incoming.write(command.data)
    client.shake(server)
    assert (made[0].source, made[0].port, made[0].peer) == ("203.0.113.7", 77, "192.0.2.1")


def test_a_broken_proxy_header_closes(files: tuple[Path, Path]) -> None:
    server, made = start(files, reads_proxy=True)
    assert server.received(b"PROXY nonsense here\r\n", NOW) == [Close()]
    assert not made


def test_a_proxy_header_of_anybody_else_is_no_tls(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    server.received(PROXY, NOW)
    assert made[0].source == "192.0.2.1" and made[0].heard == [PROXY]


def test_plain_bytes_reach_the_conversation_as_they_are(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    commands = server.received(b"GET / HTTP/1.1\r\n", NOW)
    assert commands == [Wake(NOW + 5), Report(TOUCH), Send(b"you said GET / HTTP/1.1\r\n"), Close()]
    assert made[0].tls is None


@given(st.binary(min_size=1, max_size=400), st.booleans())
def test_any_bytes_are_lawful(files: tuple[Path, Path], data: bytes, as_record: bool) -> None:
    server, _ = start(files)
    head = b"\x16\x03\x01" + len(data).to_bytes(2, "big") if as_record else b""
    commands = list(server.received(head + data, NOW))
    if Close() not in commands:
        commands += server.woken(NOW)
        assert Close() in commands


def test_a_record_that_is_no_hello_is_noise(files: tuple[Path, Path]) -> None:
    server, made = start(files)
    commands = server.received(b"\x16\x03\x01\x00\x05hello", NOW)
    assert kinds(commands) == [Send, Noise, Close]
    assert not made


def test_a_certificate_is_read_again_when_it_changes(tmp_path: Path) -> None:
    files = write_certificate(tmp_path)
    certificate = load(files)
    first = certificate.context(NOW)
    write_certificate(tmp_path, "other.example")
    assert certificate.context(NOW + CHECK_S / 2) is first
    second = certificate.context(NOW + 2 * CHECK_S)
    assert second is not first
    assert certificate.context(NOW + 4 * CHECK_S) is second


def test_a_broken_new_certificate_keeps_the_old_one_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = write_certificate(tmp_path)
    certificate = load(files)
    first = certificate.context(NOW)
    caplog.set_level(logging.ERROR)
    files[0].write_text("no certificate")
    assert certificate.context(NOW + 2) is first
    assert certificate.context(NOW + 4) is first
    files[1].unlink()
    assert certificate.context(NOW + 6) is first
    assert len(caplog.records) == 2
    write_certificate(tmp_path)
    assert certificate.context(NOW + 8) is not first


def test_a_certificate_that_cannot_be_used_at_the_start_is_one_sentence(tmp_path: Path) -> None:
    chain, _ = write_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, key = write_certificate(tmp_path / "other")
    for files in ((chain, key), (chain, tmp_path / "none.pem")):
        with pytest.raises(OperatorError) as caught:
            load(files)
        assert str(files[0]) in caught.value.sentence and caught.value.field == "certificate"


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_no_protocol_below_tls_1_2_is_spoken(files: tuple[Path, Path], version: str) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = client.maximum_version = ssl.TLSVersion[version]
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(there, here)
    with pytest.raises(ssl.SSLWantReadError):
        asking.do_handshake()
    back = ssl.MemoryBIO()
    serving = load(files).context(NOW).wrap_bio(here, back, server_side=True)
    with pytest.raises(ssl.SSLError, match=r"VERSION_TOO_LOW|NO_SUITABLE|UNSUPPORTED_PROTOCOL"):
        serving.do_handshake()


def test_no_renegotiation_is_spoken(files: tuple[Path, Path]) -> None:
    context = load(files).context(NOW)
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert not context.options & ssl.OP_CIPHER_SERVER_PREFERENCE
    own = Certificate(*files, NGINX).context(NOW)
    assert own.options & ssl.OP_CIPHER_SERVER_PREFERENCE


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("protocols", [("h2",), ("foo", "bar")])
def test_who_insists_on_a_protocol_refuses_others_and_keeps_the_name(
    files: tuple[Path, Path], protocols: Sequence[str], version: ssl.TLSVersion
) -> None:
    server, made = start(files, manner=NGINX)
    client = Client(protocols=protocols, version=version)
    with pytest.raises(ssl.SSLWantReadError):
        client.session.do_handshake()
    commands = client.carry(server)
    # What nginx 1.22.1 of Debian sends, and then closes.
    assert commands[0] == Send(bytes.fromhex("15030300020278"))
    assert kinds(commands[1:]) == [Report, Close]
    assert made[0].tls["sni"] == "a.files.example" and made[0].tls["cipher"] is None


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("protocols", "chosen"),
    [
        ((), None),
        (("h2", "http/1.0"), "http/1.0"),
        (("http/1.0", "http/1.1"), "http/1.1"),
        (("http/0.9",), "http/0.9"),
    ],
)
def test_who_insists_on_a_protocol_takes_any_that_is_known_or_none(
    files: tuple[Path, Path],
    protocols: Sequence[str],
    chosen: str | None,
    version: ssl.TLSVersion,
) -> None:
    server, made = start(files, manner=NGINX)
    Client(protocols=protocols, version=version).shake(server)
    assert made[0].tls["version"] is not None and made[0].tls["alpn"] == chosen


def test_what_openssl_refuses_first_gets_its_alert(files: tuple[Path, Path]) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("AES128-SHA")
    client.set_alpn_protocols(["h2"])
    hello = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    context = Certificate(*files, NGINX._replace(ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"))
    server = TLSConversation(
        context.context(NOW), Within, "192.0.2.1", 9, insists_on=NGINX.protocols
    )
    # handshake_failure, as nginx says of such a client whatever it offers besides.
    assert server.received(hello.read(), NOW)[0] == Send(bytes.fromhex("15030300020228"))


def test_tickets_are_given_as_the_product_gives_them(files: tuple[Path, Path]) -> None:
    for manner in (APACHE, NGINX):
        server, _ = start(files, manner=manner)
        client = Client(version=ssl.TLSVersion.TLSv1_2)
        client.shake(server)
        session = client.session.session
        assert session is not None and session.has_ticket == manner.tickets
