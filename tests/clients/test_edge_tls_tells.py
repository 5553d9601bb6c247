"""What a TLS client sees before any request is what nginx and Apache show it."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clients.lone_edge import LoneEdge, running
from serinus.model.front import write_front

OLD = ("-cipher", "ALL:@SECLEVEL=0")
INTERNAL_ERROR = "alert number 80"


@pytest.fixture(scope="module", params=["nginx", "apache"])
def edge(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LoneEdge]:
    root = tmp_path_factory.mktemp(request.param) / "data"
    with running(root) as found:
        assert found.stop() == 0
        found.folder.front.write_text(write_front(replace(found.front, dialect=request.param)))
        found.start()
        yield found


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_an_old_version_is_refused_with_the_alert_of_both_servers(
    edge: LoneEdge, version: str
) -> None:
    # nginx 1.22.1 and Apache 2.4.71 of Debian, whose OpenSSL has security level 2, say the same.
    assert ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).security_level >= 1
    address = f"127.0.0.1:{edge.https}"
    words = (program_words(edge, address, version, *OLD)).lower()
    assert INTERNAL_ERROR in words
    assert "cipher is (none)" in words


@pytest.mark.parametrize("offer", ["h2", "foo"])
def test_unknown_protocols_are_refused_where_the_product_does(edge: LoneEdge, offer: str) -> None:
    words = program_words(edge, f"127.0.0.1:{edge.https}", "-alpn", offer)
    assert ("alert number 120" in words) == (edge.front.dialect == "nginx")


def test_a_ticket_in_tls_1_2_is_given_where_the_product_gives_one(edge: LoneEdge) -> None:
    words = program_words(edge, f"127.0.0.1:{edge.https}", "-tls1_2")
    assert "Cipher is ECDHE" in words
    assert ("TLS session ticket:" in words) == (edge.front.dialect == "nginx")


def program_words(edge: LoneEdge, address: str, *options: str) -> str:
    """What `openssl s_client` prints on both of its outputs."""
    log = Path(edge.log).with_name("openssl.txt")
    line = f"openssl s_client -connect {address} {' '.join(options)} >{log} 2>&1 </dev/null"
    edge.run("sh", "-c", line, check=False)
    return log.read_text("latin-1")
