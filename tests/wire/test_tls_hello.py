import contextlib
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import RemoteProtocolError
from serinus.wire.tls_hello import read_hello, write_ja4


def real_hello() -> bytes:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    out = ssl.MemoryBIO()
    wire = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="shop.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        wire.do_handshake()
    return out.read()


def test_a_real_hello_tells_its_name_protocols_and_versions() -> None:
    hello = read_hello(real_hello())
    assert hello is not None
    assert hello.sni == "shop.example"
    assert hello.alpn == ("h2", "http/1.1")
    assert 0x0304 in hello.versions
    assert len(hello.ja3) == 32
    assert hello.ja4.startswith("t13d") and hello.ja4[8:10] == "h2" and len(hello.ja4) == 36


def test_the_published_ja4_example_is_met() -> None:
    ciphers = "002f 0035 009c 009d 1301 1302 1303 c013 c014 c02b c02c c02f c030 cca8 cca9"
    kinds = "0000 0010 0005 000a 000b 000d 0012 0015 0017 001b 0023 002b 002d 0033 4469 ff01"
    signatures = "0403 0804 0401 0503 0805 0501 0806 0601"
    offered, types, signing = (
        [int(word, 16) for word in text.split()] for text in (ciphers, kinds, signatures)
    )
    assert (
        write_ja4(0x0304, offered, types, signing, [b"h2"])
        == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    )


def test_every_prefix_of_a_hello_asks_for_more() -> None:
    data = real_hello()
    assert all(read_hello(data[:end]) is None for end in range(len(data)))


def test_plain_text_is_no_hello() -> None:
    with pytest.raises(RemoteProtocolError):
        read_hello(b"GET / HTTP/1.1\r\n")


@given(st.binary(max_size=300), st.integers(0, 600))
def test_any_bytes_are_lawful(noise: bytes, at: int) -> None:
    data = real_hello()
    for text in (noise, data[:at] + noise + data[at + len(noise) :]):
        with contextlib.suppress(RemoteProtocolError):
            read_hello(text)
