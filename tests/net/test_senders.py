"""What carries alerts out, held to real servers on loopback."""

import datetime
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import apprise
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from net.receivers import Quiet, receiving
from serinus.alerts.destination import AppriseMessage, Mail, MailServer, Post, Security
from serinus.alerts.destinations.apprise import refused_scheme
from serinus.net.apprise import AppriseSender
from serinus.net.outgoing import read_networks
from serinus.net.smtp import MailSender
from serinus.net.webhook import REPLY_SIZE_MAX, WebhookSender

LOOPBACK = read_networks(["127.0.0.0/8"])
HANGING = 8
"""More than the threads that Apprise shares between all its calls on a small machine."""
MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


class TLS(NamedTuple):
    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TLS:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return TLS(server, ssl.create_default_context(cadata=pem.decode()))


@pytest.fixture
def receiver() -> Iterator[Quiet]:
    with receiving() as server:
        yield server


def post(server: Quiet, path: str = "/", scheme: str = "http", host: str = "127.0.0.1") -> Post:
    url = f"{scheme}://{host}:{server.server_port}{path}"
    return Post(url, (("Content-Type", "application/json"),), b"{}")


def test_a_post_arrives_and_its_connection_is_kept(receiver: Quiet) -> None:
    sender = WebhookSender(LOOPBACK)
    for _ in range(2):
        reply = sender.send(post(receiver, "/in?k=1"))
        assert (reply.ok, reply.status, reply.text) == (True, 200, "taken")
    sender.close()
    (first, path, headers, body), (second, *_) = receiver.seen
    assert first == second and path == "/in?k=1" and body == b"{}"
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"


def test_a_post_to_loopback_is_refused_unless_allowed(receiver: Quiet) -> None:
    reply = WebhookSender().send(post(receiver))
    assert not reply.ok and not reply.transient and "outgoing_allow" in reply.text
    assert receiver.seen == []


@pytest.mark.parametrize(
    ("path", "status", "words", "transient"),
    [
        ("/moved", 302, "Redirects are not followed", False),
        ("/bad", 400, "no \\x1bsuch hook", False),
        ("/down", 503, "later", True),
    ],
)
def test_what_the_receiver_says_is_told(
    receiver: Quiet, path: str, status: int, words: str, transient: bool
) -> None:
    reply = WebhookSender(LOOPBACK).send(post(receiver, path))
    assert (reply.ok, reply.status, reply.transient) == (False, status, transient)
    assert words in reply.text
    assert len(receiver.seen) == 1


def test_a_long_reply_is_cut_and_its_connection_not_used_again(receiver: Quiet) -> None:
    sender = WebhookSender(LOOPBACK)
    assert len(sender.send(post(receiver, "/long")).text) <= REPLY_SIZE_MAX
    assert sender.send(post(receiver)).text == "taken"
    assert receiver.seen[0][0] != receiver.seen[1][0]
    sender.close()


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_a_slow_receiver_is_left(receiver: Quiet, path: str) -> None:
    began = time.monotonic()
    reply = WebhookSender(LOOPBACK, timeout_s=0.3, total_s=0.5).send(post(receiver, path))
    assert not reply.ok and reply.transient
    assert time.monotonic() - began < 0.95


def test_nobody_there_may_pass_by_itself(receiver: Quiet) -> None:
    closed = post(receiver).url.replace(str(receiver.server_port), "1")
    reply = WebhookSender(LOOPBACK).send(Post(closed, (), b""))
    assert not reply.ok and reply.transient and reply.status is None


def test_a_kept_connection_that_was_closed_is_made_anew(receiver: Quiet) -> None:
    sender = WebhookSender(LOOPBACK)
    assert sender.send(post(receiver)).ok
    next(iter(sender._kept.values())).sock.shutdown(2)
    assert sender.send(post(receiver)).ok
    sender.close()


def test_certificates_are_verified_against_the_name(receiver: Quiet, tls: TLS) -> None:
    receiver.socket = tls.server.wrap_socket(receiver.socket, server_side=True)
    sender = WebhookSender(LOOPBACK, tls.client)
    for _ in range(2):
        assert sender.send(post(receiver, scheme="https")).ok
    sender.close()
    stranger = WebhookSender(LOOPBACK).send(post(receiver, scheme="https"))
    other = WebhookSender(LOOPBACK, tls.client).send(
        post(receiver, scheme="https", host="127.0.0.2")
    )
    assert "Certificate refused" in stranger.text
    assert not other.ok


class Mailbox:
    """What the test's mail server does with mail."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("full"):
            return "452 4.2.2 Mailbox full"
        if address.startswith("nobody"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return "250 OK"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def plain(mailbox: Mailbox) -> Iterator[int]:
    yield from serve(mailbox)


@pytest.fixture
def starttls(mailbox: Mailbox, tls: TLS) -> Iterator[int]:
    yield from serve(
        mailbox, tls_context=tls.server, require_starttls=True, authenticator=authenticate
    )


@pytest.fixture
def tls_port(mailbox: Mailbox, tls: TLS) -> Iterator[int]:
    yield from serve(mailbox, ssl_context=tls.server)


def serve(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield port
    controller.stop()


def mail(
    port: int, security: Security, to: tuple[str, ...] = ("a@example.net",), password: str = ""
) -> Mail:
    username = "u" if password else ""
    server = MailServer("127.0.0.1", port, security, username, password)
    return Mail(server, "s@example.org", to, MESSAGE)


def test_mail_is_taken_without_tls(plain: int, mailbox: Mailbox) -> None:
    reply = MailSender(LOOPBACK).send(mail(plain, Security.NONE))
    assert reply.ok, reply
    assert mailbox.got[0].rcpt_tos == ["a@example.net"] and mailbox.got[0].content == MESSAGE


def test_mail_is_taken_with_starttls_and_login(starttls: int, mailbox: Mailbox, tls: TLS) -> None:
    sender = MailSender(LOOPBACK, tls.client)
    good = sender.send(mail(starttls, Security.STARTTLS, password="right"))
    assert good.ok, good
    bad = sender.send(mail(starttls, Security.STARTTLS, password="wrong"))
    assert not bad.ok and bad.status == 535 and "535" in bad.text and not bad.transient
    assert len(mailbox.got) == 1


def test_mail_is_taken_with_tls(tls_port: int, mailbox: Mailbox, tls: TLS) -> None:
    reply = MailSender(LOOPBACK, tls.client).send(mail(tls_port, Security.TLS))
    assert reply.ok and len(mailbox.got) == 1


def test_an_unknown_certificate_gets_no_mail(starttls: int, mailbox: Mailbox) -> None:
    reply = MailSender(LOOPBACK).send(mail(starttls, Security.STARTTLS, password="right"))
    assert not reply.ok and "Certificate refused" in reply.text and mailbox.got == []


def test_a_server_without_starttls_gets_no_mail(plain: int, mailbox: Mailbox) -> None:
    reply = MailSender(LOOPBACK).send(mail(plain, Security.STARTTLS))
    assert not reply.ok and "STARTTLS" in reply.text and mailbox.got == []


@pytest.mark.parametrize(
    ("to", "status", "words", "transient"),
    [
        ("full@example.net", 452, "452 4.2.2 Mailbox full", True),
        ("nobody@example.net", 550, "550 5.1.1 No such user here", False),
    ],
)
def test_the_mail_servers_words_are_told(
    plain: int, to: str, status: int, words: str, transient: bool
) -> None:
    reply = MailSender(LOOPBACK).send(mail(plain, Security.NONE, (to,)))
    assert (reply.ok, reply.status, reply.transient) == (False, status, transient)
    assert words in reply.text


def test_mail_for_some_is_not_sent_twice(plain: int, mailbox: Mailbox) -> None:
    to = ("a@example.net", "nobody@example.net")
    reply = MailSender(LOOPBACK).send(mail(plain, Security.NONE, to))
    assert reply.ok and "No such user" in reply.text and len(mailbox.got) == 1


def test_a_mail_server_on_loopback_is_refused_unless_allowed(plain: int) -> None:
    reply = MailSender().send(mail(plain, Security.NONE))
    assert not reply.ok and not reply.transient and "outgoing_allow" in reply.text


def test_apprise_passes_the_guard(receiver: Quiet) -> None:
    url = f"json://127.0.0.1:{receiver.server_port}/bad"
    refused = AppriseSender().send(AppriseMessage(url, "t", "b"))
    assert not refused.ok and not refused.transient and "outgoing_allow" in refused.text
    assert receiver.seen == []
    sender = AppriseSender(LOOPBACK)
    failed = sender.send(AppriseMessage(url, "t", "b"))
    assert not failed.ok and failed.transient and "400" in failed.text
    taken = sender.send(AppriseMessage(url.replace("/bad", "/"), "t", "b"))
    assert taken.ok and len(receiver.seen) == 2
    moved = sender.send(AppriseMessage(url.replace("/bad", "/moved"), "t", "b"))
    assert not moved.ok and len(receiver.seen) == 3


def test_apprise_destinations_do_not_wait_for_one_that_hangs(receiver: Quiet) -> None:
    sender = AppriseSender(LOOPBACK)
    base = f"json://127.0.0.1:{receiver.server_port}"
    with ThreadPoolExecutor(HANGING) as threads:
        held = [
            threads.submit(sender.send, AppriseMessage(f"{base}/held", "t", "b"))
            for _ in range(HANGING)
        ]
        receiver.wait_for(HANGING)
        refused = sender.send(AppriseMessage("json://192.168.0.1/", "t", "b"))
        taken = sender.send(AppriseMessage(f"{base}/", "t", "b"))
        assert not any(one.done() for one in held)
        receiver.release.set()
        replies = [one.result() for one in held]
    assert "outgoing_allow" in refused.text
    # What was refused of one message is not said of another.
    assert taken.ok and all(reply.ok for reply in replies)


def test_apprise_is_left_when_it_takes_too_long(receiver: Quiet) -> None:
    url = f"json://127.0.0.1:{receiver.server_port}"
    sender = AppriseSender(LOOPBACK, total_s=0.5)
    late = sender.send(AppriseMessage(f"{url}/drip", "t", "b"))
    assert not late.ok and late.transient and "in time" in late.text
    assert sender.send(AppriseMessage(f"{url}/", "t", "b")).ok


@pytest.mark.parametrize("url", ["dbus://", "json://h/?template=/etc/passwd", "nonsense://x"])
def test_apprise_urls_are_checked_again_before_sending(url: str) -> None:
    reply = AppriseSender(LOOPBACK).send(AppriseMessage(url, "t", "b"))
    assert not reply.ok and not reply.transient


def test_every_apprise_service_with_sockets_of_its_own_is_refused() -> None:
    words = ("socket", "smtplib", "subprocess", "ctypes", "dbus", "gntp", "slixmpp", "syslog", "gi")
    found = []
    plugins = Path(str(apprise.__file__)).parent / "plugins"
    for detail in apprise.Apprise().details(show_disabled=True)["schemas"]:
        schemas = [*(detail["protocols"] or ()), *(detail["secure_protocols"] or ())]
        source = ""
        manager: Any = apprise.manager_plugins.NotificationManager()  # type: ignore[no-untyped-call]
        module = manager[schemas[0]].__module__.split(".plugins.")[1].split(".")[0]
        path = plugins / f"{module}.py"
        files = [path] if path.exists() else list((plugins / module).glob("*.py"))
        source = "\n".join(file.read_text() for file in files)
        lines = {line.strip() for line in source.splitlines()}
        if any(f"import {word}" in lines for word in words):
            found += schemas
    assert found
    assert [scheme for scheme in found if not refused_scheme(scheme)] == []
