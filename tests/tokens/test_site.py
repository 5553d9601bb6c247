"""Where tokens live, and what their addresses give away."""

import pytest

from serinus.base.ids import TokenId
from serinus.tokens.site import Site

SITE = Site("example.net", "http://example.net:8080", bytes(32))


def test_a_path_follows_from_seed_and_id() -> None:
    other = Site("example.net", "http://example.net:8080", b"\x01" * 32)
    ids = [TokenId(f"id{n}") for n in range(50)]
    assert [SITE.url(i, ".gif") for i in ids] == [SITE.url(i, ".gif") for i in ids]
    assert [SITE.url(i, ".gif") for i in ids] != [other.url(i, ".gif") for i in ids]
    assert len({SITE.url(i).replace(i, "") for i in ids}) > 20


def test_the_id_is_a_segment_and_no_word_says_what_it_is() -> None:
    for n in range(500):
        token_id = TokenId(f"k{n:05}")
        for suffix in ("", ".gif", ".html"):
            url = SITE.url(token_id, suffix)
            assert url.startswith("http://example.net:8080/")
            assert url.split("/")[4] == token_id
            assert url.endswith(suffix)
            assert not any(w in url for w in ("token", "canary", "honey", "serinus", "trap"))


def test_a_file_name_is_quoted_and_stays_one_segment() -> None:
    url = SITE.url(TokenId("abc"), "Plan ü?#../x.pdf")
    assert url.endswith("/abc/Plan%20%C3%BC%3F%23..%2Fx.pdf")


def test_a_hostname_is_the_id_in_the_zone() -> None:
    assert SITE.hostname(TokenId("abc")) == "abc.example.net"


def test_an_origin_has_the_port_and_the_user_where_there_is_one() -> None:
    plain = Site("example.net", "https://example.net", bytes(32))
    other = Site("example.net", "http://example.net:8080", bytes(32))
    assert plain.origin(TokenId("id1")) == "https://id1.example.net"
    assert other.origin(TokenId("id1"), "me:you") == "http://me:you@id1.example.net:8080"
    assert (plain.scheme, plain.authority(TokenId("id1"))) == ("https", "id1.example.net")
    assert (other.scheme, other.authority(TokenId("id1"))) == ("http", "id1.example.net:8080")


def test_bytes_drawn_do_not_depend_on_how_they_are_asked_for() -> None:
    one, two = (SITE.entropy(TokenId("abc"), "page") for _ in range(2))
    assert one(200) == b"".join(two(1) for _ in range(200))
    assert SITE.entropy(TokenId("abc"), "path")(32) != SITE.entropy(TokenId("abc"), "page")(32)


@pytest.mark.parametrize(
    ("zone", "url_base", "seed"),
    [
        ("", "http://x", bytes(32)),
        ("x.", "http://x", bytes(32)),
        ("X", "http://x", bytes(32)),
        ("x", "http://x/", bytes(32)),
        ("x", "ftp://x", bytes(32)),
        ("x", "http://x", bytes(31)),
    ],
)
def test_an_unlawful_site_is_refused(zone: str, url_base: str, seed: bytes) -> None:
    with pytest.raises(ValueError, match="a "):
        Site(zone, url_base, seed)
