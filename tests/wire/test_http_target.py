import pytest

from serinus.wire.http_target import is_host, is_plain_host, leads_somewhere


@pytest.mark.parametrize(
    "target",
    [
        *(b"/", b"/a/../b", b"/a/..", b"/...", b"/..x", b"/a?/..", b"/a?%zz", b"/a#/..", b"/a%20b"),
        *(
            b"/a%2fb",
            b"/\x80",
            b"http://h",
            b"http://h?x",
            b"http://h/a/..",
            b"/a//..",
            b"/\\..\\x",
        ),
    ],
)
def test_a_target_that_servers_look_for_leads_somewhere(target: bytes) -> None:
    assert leads_somewhere(target)


@pytest.mark.parametrize(
    "target",
    [
        *(b"/..", b"/../../etc/passwd", b"/%2e%2e/x", b"/.%2e/x", b"/%2E%2E", b"/a/../..", b"//.."),
        *(b"/./..", b"/a//../../x", b"/a/%2e%2e/../x", b"/..?x", b"/..#x", b"http://h/.."),
        *(b"/%", b"/%2", b"/%zz", b"/%u0041", b"http://h/%zz", b"/%3f/../.."),
        *(b"/a b", b"/\x01", b"/\x7f", b"/a\tb", b"/a?\x01"),
    ],
)
def test_a_target_that_both_servers_refuse_leads_nowhere(target: bytes) -> None:
    assert not leads_somewhere(target)


@pytest.mark.parametrize(
    "host", [b"a", b"a.", b".a", b"A_b", b"-", b"a:80", b"1.2.3.4", b"[::1]", b"[::1]:80"]
)
def test_a_name_or_an_address_with_or_without_a_port_is_a_plain_host(host: bytes) -> None:
    assert is_host(host) and is_plain_host(host)


@pytest.mark.parametrize("host", [b"a:", b"a:b", b"a:0", b"a,b", b"[::1", b"[::1]x", b"a%41"])
def test_nginx_takes_what_apache_refuses(host: bytes) -> None:
    assert is_host(host) and not is_plain_host(host)


@pytest.mark.parametrize(
    "host", [b"", b"a b", b"a/b", b"a..b", b".", b"..", b":80", b"a\x01b", b"a\x7fb", b"a\tb"]
)
def test_a_host_that_both_servers_refuse_is_none(host: bytes) -> None:
    assert not is_host(host)
