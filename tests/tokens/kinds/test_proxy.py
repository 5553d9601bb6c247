"""A web proxy."""

from datetime import UTC, datetime

import pytest

from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.proxy import KIND
from serinus.tokens.site import Site

TOKEN = Token(TokenId("id1"), "proxy", "memo", Options(), datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("base", "place"),
    [
        ("http://example.net", "id1.example.net:80"),
        ("http://example.net:8080", "id1.example.net:8080"),
        ("https://example.net", "id1.example.net:80"),
        ("https://example.net:8443", "id1.example.net:80"),
    ],
)
def test_a_proxy_is_asked_in_plain_http_with_a_port_and_the_id(base: str, place: str) -> None:
    variables, curl, wget = (
        a.content().decode() for a in KIND.artefacts(TOKEN, Site("example.net", base, bytes(32)))
    )
    password = wget.strip().rpartition(" ")[2]
    assert variables.count(f"http://id1:{password}@{place}\n") == 2
    assert f'proxy = "http://{place}"\nproxy-user = "id1:{password}"\n' in curl
    assert f"https_proxy = http://{place}\n" in wget


@pytest.mark.parametrize(
    ("method", "target", "goal"),
    [
        ("CONNECT", "api.example:443", " to reach api.example:443"),
        ("GET", "http://api.example/a", " to reach http://api.example/a"),
        ("GET", "/a", ""),
    ],
)
def test_where_a_request_was_to_go_is_told(method: str, target: str, goal: str) -> None:
    headers = [["Proxy-Authorization", "Basic aWQxOnNlY3JldA=="], ["User-Agent", "curl/8.5"]]
    detail = {"method": method, "target": target, "headers": headers}
    touch = Touch("t", 0.0, "http", "tcp", "192.0.2.1", 4711, (TOKEN.id,), detail)
    trip = KIND.interpret(touch, TOKEN)
    assert trip is not None
    assert trip.summary == f"The proxy password of 'id1' was used by curl/8.5{goal}"
    assert (("Destination", target) in trip.facts) == bool(goal)
