"""The edge as a process, asked by real clients; the ledger is read as the worker would."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.ground import until
from clients.lone_edge import ZONE, LoneEdge, running, write_certificate
from serinus.ledger.answers import AnswersWriter
from serinus.model.answer import Answer

CODE = ("-o", os.devnull, "-w", "%{http_code}")


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[LoneEdge]:
    with running(tmp_path / "data") as found:
        yield found


def test_curl_trips_a_token_and_the_touch_is_durable_before_the_answer(edge: LoneEdge) -> None:
    token = edge.mint()
    edge.curl(f"/assets/{token}/logo.gif", "-A", "somebody on web01", "-o", os.devnull)
    (touch,) = edge.touches()
    assert touch.tokens == (token,)
    assert touch.source == "127.0.0.1"
    assert ["User-Agent", "somebody on web01"] in touch.detail["headers"]


@pytest.mark.parametrize("tls", [False, True])
def test_every_manner_of_curl_is_answered_and_kept(edge: LoneEdge, tls: bool) -> None:
    token = edge.mint()
    manners = {
        "1.0": ("-0",),
        "1.1": ("--http1.1",),
        "chunked": ("-H", "Transfer-Encoding: chunked", "-d", "a=1"),
        "expect": ("-H", "Expect: 100-continue", "-d", "a=1"),
        "head": ("-I",),
        "put": ("-X", "PUT", "-d", "x" * 3000),
        "range": ("-r", "0-3"),
        "http2 is not spoken": ("--http2",),
    }
    for name, options in manners.items():
        code = edge.curl(f"/{token}.gif", "-k", *CODE, *options, tls=tls)
        assert code in ("200", "206", "405"), name
    assert len(edge.touches()) == len(manners)
    assert {touch.transport for touch in edge.touches()} == {"tls" if tls else "tcp"}


def test_wget_trips_a_token_over_http_and_https(edge: LoneEdge) -> None:
    token = edge.mint()
    for base in (f"http://127.0.0.1:{edge.http}", f"https://127.0.0.1:{edge.https}"):
        edge.run("wget", "-q", "-O", "-", "--no-check-certificate", f"{base}/{token}")
    assert [touch.transport for touch in edge.touches()] == ["tcp", "tls"]


def test_a_tls_touch_tells_the_session(edge: LoneEdge) -> None:
    token = edge.mint()
    host = f"{token}.{ZONE}"
    resolve = ("--resolve", f"{host}:{edge.https}:127.0.0.1")
    edge.run("curl", "-sSk", *resolve, *CODE, f"https://{host}:{edge.https}/")
    (touch,) = edge.touches()
    tls = touch.detail["tls"]
    assert tls["sni"] == host and tls["alpn"] == "http/1.1"
    assert tls["version"] == "TLSv1.3" and tls["cipher"].startswith("TLS_")
    assert re.fullmatch(r"[0-9a-f]{32}", tls["ja3"])
    assert re.fullmatch(r"t13d\d{4}h[12]_[0-9a-f]{12}_[0-9a-f]{12}", tls["ja4"])
    assert touch.detail["found"] == ["host"]


def test_openssl_that_only_shakes_hands_trips_the_name_it_asks_for(edge: LoneEdge) -> None:
    token = edge.mint()
    words = ("-connect", f"127.0.0.1:{edge.https}", "-servername", f"{token}.{ZONE}")
    said = edge.run("openssl", "s_client", *words, "-alpn", "h2,http/1.1", data=b"")
    assert "ALPN protocol: http/1.1" in said
    until(edge.touches, "the touch")
    (touch,) = edge.touches()
    assert touch.detail["found"] == ["sni"] and touch.detail["line"] == ""


def test_a_client_that_refuses_the_certificate_trips_the_name(edge: LoneEdge) -> None:
    host = f"{edge.mint()}.{ZONE}"
    resolve = ("--resolve", f"{host}:{edge.https}:127.0.0.1")
    edge.run("curl", "-sS", *resolve, f"https://{host}:{edge.https}/", check=False)
    until(edge.touches, "the touch")
    assert edge.touches()[0].detail["found"] == ["sni"]


def test_plain_http_on_the_https_port_is_answered_as_the_product_does(edge: LoneEdge) -> None:
    token = edge.mint()
    said = edge.run("curl", "-sS", f"http://127.0.0.1:{edge.https}/{token}")
    note = {"nginx": "The plain HTTP request was sent", "apache": "speaking plain HTTP to an SSL"}
    assert note[edge.front.dialect] in said
    (touch,) = edge.touches()
    assert touch.tokens == (token,) and touch.transport == "tcp"


def test_a_new_certificate_is_served_without_a_restart(edge: LoneEdge) -> None:
    def names() -> str:
        words = ("-connect", f"127.0.0.1:{edge.https}", "-showcerts")
        pem = edge.run("openssl", "s_client", *words)
        return edge.run("openssl", "x509", "-noout", "-subject", data=pem.encode())

    assert ZONE in names()
    write_certificate(edge.folder, "other.example")
    until(lambda: "other.example" in names(), "the new certificate")
    edge.folder.trial_certificate.write_text("broken")
    until(lambda: names() and "the old one stays" in edge.log.read_text(), "the log line")
    assert "other.example" in names()


@pytest.mark.parametrize("program", ["dig", "kdig"])
def test_a_name_is_tripped_with_any_type_over_udp_and_tcp(edge: LoneEdge, program: str) -> None:
    token = edge.mint()
    words = ("@127.0.0.1", "-p", str(edge.dns), "+time=5")
    assert "127.0.0.1" in edge.run(program, *words, f"web01.{token}.{ZONE}", "+short")
    edge.run(program, *words, f"{token}.{ZONE}", "TXT", "+tcp")
    assert [(t.transport, t.detail["type"]) for t in edge.touches()] == [
        ("udp", "A"),
        ("tcp", "TXT"),
    ]
    assert edge.touches()[0].detail["left"] == ["web01"]


def test_a_compiled_answer_is_served_and_another_id_gets_the_surface(edge: LoneEdge) -> None:
    token, dead = edge.mint(), edge.mint()
    AnswersWriter(edge.folder.answers).put(
        token, Answer(302, (("Location", "https://intranet.example/"),))
    )
    code = ("-o", os.devnull, "-w", "%{http_code} %{redirect_url}")
    assert edge.curl(f"/{token}/", *code) == "302 https://intranet.example/"
    assert edge.curl(f"/{dead}/", *code).startswith("200")
    # Gone and back again: what is asked meanwhile gets the surface.
    edge.folder.answers.unlink()
    assert edge.curl(f"/{dead}/", *code).startswith("200")
    edge.folder.answers.write_bytes(b"no database at all" * 500)
    assert edge.curl(f"/{dead}/", *code).startswith("200")
    assert len(edge.touches()) == 4


def test_noise_is_counted_and_not_stored(edge: LoneEdge) -> None:
    edge.curl("/robots.txt")
    edge.curl("/", "-k", tls=True)
    edge.dig(f"www.{ZONE}", "+short")
    edge.dig(f"www.{ZONE}", "+short", "+tcp")
    assert edge.stop() == 0
    assert edge.noise() >= 4
    assert not edge.touches()
    edge.start()


def test_an_edge_that_is_killed_has_kept_every_touch_it_answered(edge: LoneEdge) -> None:
    token = edge.mint()
    for number in range(50):
        edge.dig(f"{number}.{token}.{ZONE}", "+short")
    edge.process.kill()
    edge.process.wait()
    assert [t.detail["left"] for t in edge.touches()] == [[str(n)] for n in range(50)]
    edge.start()


def test_a_proxy_that_is_trusted_names_the_client_before_tls(tmp_path: Path) -> None:
    with running(tmp_path / "data", trusted_proxy=("127.0.0.0/8",)) as edge:
        token = edge.mint()
        edge.curl(f"/{token}", "-k", "--haproxy-protocol", *CODE, tls=True)
        with socket.create_connection(("127.0.0.1", edge.http)) as sock:
            head = b"PROXY TCP4 203.0.113.7 10.0.0.1 77 80\r\n"
            sock.sendall(head + f"GET /{token} HTTP/1.0\r\n\r\n".encode())
            assert sock.recv(4096).startswith(b"HTTP/1.1 200")
        assert [touch.source for touch in edge.touches()] == ["127.0.0.1", "203.0.113.7"]


@pytest.mark.parametrize("wrong", ["folder", "certificate", "port", "keys"])
def test_what_hinders_the_start_is_one_line(tmp_path: Path, wrong: str) -> None:
    edge = LoneEdge(tmp_path / "data")
    root = str(edge.folder.root)
    with socket.socket() as taken:
        if wrong == "folder":
            root = str(tmp_path / "none")
        elif wrong == "certificate":
            edge.folder.trial_certificate.write_text("none")
        elif wrong == "keys":
            edge.folder.id_keys.write_text("{}")
        else:
            taken.bind(("127.0.0.1", edge.http))
            taken.listen()
        command = [sys.executable, "-m", "serinus.programs.edge", root]
        ended = subprocess.run(command, capture_output=True, timeout=20)
    assert ended.returncode == 1
    (line,) = ended.stderr.decode().splitlines()
    assert "The edge cannot start" in line and "traceback" not in line.lower()
    assert wrong != "port" or f"127.0.0.1:{edge.http}" in line
