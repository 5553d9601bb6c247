import base64
import ipaddress
import os
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.ids import TokenId, draw_keys
from serinus.edge.dialects import Dialect
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.nginx import make_nginx
from serinus.edge.http import BODY_TIME_S, HEADERS_TIME_S, HTTPConversation, HTTPFront
from serinus.model.answer import Answer
from serinus.model.touch import Touch, read_touch, write_touch
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake
from serinus.wire.http1 import Request, RequestError, RequestReader
from serinus.wire.proxy import read_proxy_header

KEYS = draw_keys(os.urandom)
LIVE, DEAD = KEYS.mint(os.urandom), KEYS.mint(os.urandom)
OTHER = KEYS.shape.alphabet[0] * KEYS.shape.length
IDS = (LIVE, DEAD, OTHER)
ANSWERS = {LIVE: Answer(302, (("Location", "https://shop.example/"), ("Server", "no")))}
TRUSTED = [ipaddress.ip_network("10.0.0.0/8")]


def talk(
    answers: dict[TokenId, Answer] | None = None, source: str = "192.0.2.1"
) -> HTTPConversation:
    front = HTTPFront(
        KEYS, make_nginx(1e9), ["t.example"], (answers or {}).get, b"GIF", "image/gif", "e", TRUSTED
    )
    return front.conversation(source, 999, "192.0.2.2:80", "tcp", None)


def get(target: str, host: str = "x", more: str = "", method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode("latin-1")


def said(commands: list[Command]) -> bytes:
    return b"".join(command.data for command in commands if isinstance(command, Send))


def touches(commands: list[Command]) -> list[Touch]:
    """What the worker will read of what the edge reports."""
    found = [command.touch for command in commands if isinstance(command, Report)]
    return [read_touch(one if isinstance(one, str) else write_touch(one)) for one in found]


def ask(
    data: bytes, answers: dict[TokenId, Answer] | None = None, source: str = "192.0.2.1"
) -> list[Command]:
    return list(talk(answers, source).received(data, 1e9))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (get("/", f"{DEAD}.t.example"), "host"),
        (get(f"/a/{DEAD}/b.gif"), "path"),
        (get(f"/?q={DEAD}"), "query"),
        (get("/", more=f"Referer: http://x/{DEAD}\r\n"), "header Referer"),
        (get("/", more="Content-Length: 40\r\n", method="PUT") + DEAD.encode().ljust(40), "body"),
        (get(f"/{DEAD}", method="BREW"), "path"),
        (get(f"/a/%{ord(DEAD[0]):02x}{DEAD[1:]}.gif"), "path"),
        (get(f"/?q=%{ord(DEAD[0]):02X}{DEAD[1:]}"), "query"),
        (f"GET /{DEAD} HTTP/9.9\r\n".encode(), "path"),
    ],
)
def test_an_id_is_found_in_each_place_and_reported_first(data: bytes, place: str) -> None:
    commands = ask(data)
    assert isinstance(commands[0], Report) and isinstance(commands[1], Send)
    [touch] = touches(commands)
    assert (touch.tokens, touch.detail["found"]) == ((DEAD,), [place])
    assert (touch.source, touch.source_port, touch.detail["peer"]) == ("192.0.2.1", 999, None)


@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization"])
@pytest.mark.parametrize(
    "pair", [f"{DEAD}:p/~?>w", f"me?~:{DEAD.upper()}", f"a{'b' * 5000}:{DEAD}"]
)
@pytest.mark.parametrize("scheme", ["Basic", "bASIC"])
def test_an_id_is_found_as_user_and_as_password(name: str, pair: str, scheme: str) -> None:
    code = base64.b64encode(pair.encode()).decode()
    for sent in (code, code.rstrip("=")):
        [touch] = touches(ask(get("/", more=f"{name}: {scheme} {sent}\r\n")))
        assert (touch.tokens, touch.detail["found"]) == ((DEAD,), [f"header {name}"])
    assert touches(ask(get("/", more=f"{name}: {scheme} {'A' * 61}\r\n"))) == []


@pytest.mark.parametrize("line", ["CONNECT api.example:443", "GET http://api.example/news"])
def test_who_signs_in_to_a_proxy_gets_the_answer_of_that_token(line: str) -> None:
    answers = {LIVE: Answer(407, (("Proxy-Authenticate", "Basic"),), b"no")}
    code = base64.b64encode(f"{LIVE}:secret".encode()).decode()
    head = f"{line} HTTP/1.1\r\nHost: api.example\r\n"
    commands = ask(f"{head}Proxy-Authorization: Basic {code}\r\n\r\n".encode(), answers)
    assert said(commands).startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
    other = ask(f"{head}Authorization: Basic {code}\r\n\r\n".encode(), answers)
    assert b" 407 " not in said(other)
    assert touches(commands)[0].tokens == touches(other)[0].tokens == (LIVE,)


def test_a_post_is_sent_on_where_the_answer_says_so() -> None:
    answers = {LIVE: Answer(200, (), b"<p>Sign in", posted_to="/in?error=1")}
    seen = said(ask(get("/", f"{LIVE}.t.example"), answers))
    assert seen.startswith(b"HTTP/1.1 200 OK\r\n") and seen.endswith(b"<p>Sign in")
    posted = get("/", f"{LIVE}.t.example", more="Content-Length: 3\r\n", method="POST") + b"a=b"
    commands = ask(posted, answers)
    assert said(commands).startswith(b"HTTP/1.1 302 ")
    assert b"Location: " in said(commands) and b"/in?error=1\r\n" in said(commands)
    assert touches(commands)[0].detail["body"] == "a=b"


def read_alone(data: bytes) -> Request | None:
    """What the reader makes of the first request in the bytes: whole, refused or unfinished."""
    reader = RequestReader(make_nginx(1e9).tolerates)
    reader.feed(data)
    try:
        request = reader.read()
    except RequestError as error:
        return error.request
    return request if isinstance(request, Request) else reader.unfinished()


pieces = st.sampled_from(
    [
        *(b"GET ", b"/", DEAD.encode(), b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"\r", b" "),
        *(b"Host: x\r\n", b"hOST:\ty \r\n", b"A : b\r\n", b"C:\r\n", b": \r\n", b"D: e: f", b"\t"),
        *(b"Content-Length: 3\r\n", b"Expect: 100-continue\r\n", b"\r\n\r\n", b"\xe9", b"\0"),
    ]
)


@given(st.lists(pieces | st.binary(max_size=3), max_size=14).map(b"".join))
def test_the_evidence_holds_every_part_of_any_request(rest: bytes) -> None:
    def text(part: bytes) -> str:
        return part.decode("latin-1")

    data = f"GET /{DEAD}".encode() + rest
    mind, request = talk(), read_alone(data)
    assert request is not None
    detail = touches([*mind.received(data, 1e9), *mind.closed(1e9)])[0].detail
    host = request.value(b"host")
    assert {name: detail[name] for name in list(detail)[:6]} == {
        "line": text(request.line),
        "method": text(request.method),
        "target": text(request.target),
        "version": text(request.version),
        "headers": [[text(name), text(value)] for name, value in request.headers],
        "host": None if host is None else text(host),
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "BREW", "OPTIONS"])
@pytest.mark.parametrize("form", ["/{}", "/{}.png", "/x?{}", "/a/{}/robots.txt"])
def test_live_dead_and_unknown_ids_look_alike(method: str, form: str) -> None:
    out = {said(ask(get(form.format(i), method=method))) for i in (LIVE, DEAD, OTHER)}
    assert len(out) == 1
    hosts = {said(ask(get("/", f"{i}.t.example", method=method))) for i in (LIVE, DEAD, OTHER)}
    assert len(hosts) == 1


def test_a_percent_encoded_id_gets_the_surface_that_the_plain_one_gets() -> None:
    for token in (LIVE, DEAD, OTHER):
        hidden = "".join(f"%{ord(letter):02x}" for letter in token)
        assert said(ask(get(f"/{hidden}.gif"))) == said(ask(get(f"/{token}.gif")))


def test_a_server_name_is_a_touch_whether_anything_was_asked_or_not() -> None:
    tls = {"sni": f"{DEAD}.T.example", "version": "TLSv1.3"}
    front = talk()._front
    silent = front.conversation("192.0.2.1", 9, "192.0.2.2:443", "tls", tls)
    [touch] = touches(list(silent.closed(1e9)))
    assert (touch.tokens, touch.detail["found"], touch.transport) == ((DEAD,), ["sni"], "tls")
    assert touch.detail["tls"] == tls and touch.detail["line"] == ""
    asking = front.conversation("192.0.2.1", 9, "192.0.2.2:443", "tls", tls)
    commands = list(asking.received(get("/"), 1e9))
    assert touches(commands)[0].detail["found"] == ["sni"]
    assert said(commands).startswith(b"HTTP/1.1 404")
    assert not touches(list(asking.closed(1e9)))


def test_what_holds_no_id_is_counted_once_for_each_request() -> None:
    mind = talk()
    assert sum(isinstance(c, Noise) for c in mind.received(get("/a") + get("/b"), 1e9)) == 2
    assert not any(isinstance(c, Noise) for c in mind.closed(1e9))
    assert list(talk().closed(1e9)) == [Noise("192.0.2.1")]


def test_many_large_answers_asked_for_at_once_end_the_connection() -> None:
    large = {LIVE: Answer(200, (), b"x" * (5 * 1024 * 1024))}
    commands = list(talk(large).received(get(f"/{LIVE}") * 50, 1e9))
    assert sum(isinstance(c, Send) for c in commands) == 3
    assert commands[-1] == Close(unread=True)


def test_what_is_no_id_is_missing() -> None:
    for target in ("/", "/robots.txt", "/favicon.ico", "/a.gif"):
        assert said(ask(get(target))).startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert not touches(ask(get("/")))


def test_an_answer_is_given_to_any_method_in_the_dialect() -> None:
    for method in ("GET", "BREW"):
        commands = ask(get(f"/{DEAD}/{LIVE}", method=method), ANSWERS)
        assert said(commands).startswith(b"HTTP/1.1 302 Moved Temporarily\r\nServer: nginx/")
        assert said(commands).count(b"Server:") == 1
        assert touches(commands)[0].tokens == (LIVE, DEAD)


def test_pipelined_requests_are_answered_in_order() -> None:
    commands = ask(get(f"/{DEAD}") + get("/no"))
    assert re.findall(rb"HTTP/1.1 (\d+)", said(commands)) == [b"200", b"404"]


def test_chunked_and_expected_bodies_are_evidence() -> None:
    more = "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
    mind = talk()
    first = list(mind.received(get("/", more=more, method="POST"), 1e9))
    assert said(first).startswith(b"HTTP/1.1 100") and first[-1] == Wake(1e9 + BODY_TIME_S)
    half = len(DEAD) // 2
    body = "".join(f"{len(p):x}\r\n{p}\r\n" for p in (DEAD[:half], DEAD[half:])) + "0\r\n\r\n"
    assert touches(list(mind.received(body.encode(), 1e9)))[0].detail["body"] == DEAD


def test_header_bombs_are_refused_with_their_evidence() -> None:
    commands = ask(get(f"/{DEAD}", more="A: " + "a" * 40000))
    assert b"Header Or Cookie Too Large" in said(commands) and commands[-1] == Close(unread=True)
    assert touches(commands)


@pytest.mark.parametrize(
    ("peer", "source"), [("10.1.1.1", "203.0.113.7"), ("192.0.2.1", "192.0.2.1")]
)
def test_forwarded_for_is_believed_from_trusted_peers_only(peer: str, source: str) -> None:
    more = "X-Forwarded-For: 198.51.100.1, 203.0.113.7, 10.2.2.2\r\n"
    [touch] = touches(ask(get(f"/{DEAD}", more=more), source=peer))
    assert touch.source == source
    assert touch.detail["peer"] == (peer if peer != source else None)


@pytest.mark.parametrize(
    "head",
    [
        b"PROXY TCP4 203.0.113.7 10.0.0.1 77 80\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([203, 0, 113, 7, 10, 0, 0, 1, 0, 77, 0, 80]),
    ],
)
def test_a_proxy_header_is_read_from_trusted_peers_only(head: bytes) -> None:
    mind = talk(source="10.1.1.1")
    assert all(read_proxy_header(head[:end]) is None for end in range(len(head)))
    assert not mind.received(head[:5], 1e9)
    [touch] = touches(list(mind.received(head[5:] + get(f"/{DEAD}"), 1e9)))
    assert (touch.source, touch.source_port) == ("203.0.113.7", 77)
    assert said(ask(head + get(f"/{DEAD}"))).startswith(b"HTTP/1.1 400")


def test_a_slow_request_is_closed_and_what_came_is_reported() -> None:
    mind = talk()
    assert mind.opened(1e9) == [Wake(1e9 + HEADERS_TIME_S)]
    mind.received(get(f"/{DEAD}")[:-4], 1e9)
    commands = list(mind.woken(1e9 + 20))
    assert touches(commands) and commands[-1] == Close()


@given(st.binary(max_size=60), st.integers(0, 120))
def test_cutting_elsewhere_changes_nothing(noise: bytes, cut: int) -> None:
    data = get(f"/{DEAD}") + noise

    def run(pieces: list[bytes]) -> list[object]:
        mind, out = talk(source="192.0.2.9"), list[object]()
        for piece in pieces:
            commands = mind.received(piece, 1e9)
            out += [c for c in commands if not isinstance(c, Wake)]
            if Close() in commands:
                break
        return out

    assert run([data]) == run([data[:cut], data[cut:]])


def test_a_connection_ends_after_the_requests_that_the_product_allows() -> None:
    mind = talk()
    for _ in range(999):
        assert Close() not in mind.received(get("/a"), 1e9)
    last = list(mind.received(get("/a"), 1e9))
    assert b"Connection: close" in said(last) and last[-1] == Close()


def test_a_broken_proxy_header_closes_the_connection() -> None:
    assert ask(b"PROXY TCP4 nonsense\r\n", source="10.1.1.1") == [Close()]


MAKERS = pytest.mark.parametrize("make", [make_nginx, make_apache])
Make = Callable[[float], Dialect]


def ask_as(make: Make, data: bytes, answer: Answer | None = None) -> list[Command]:
    front = HTTPFront(KEYS, make(1e9), ["t.example"], lambda _: answer, b"GIF", "image/gif", "e")
    return list(front.conversation("192.0.2.1", 9, "192.0.2.2:80", "tcp").received(data, 1e9))


@MAKERS
@pytest.mark.parametrize(
    "line",
    [
        *(b"G(T / HTTP/1.1", b"GET / XTTP/1.1", b"GET / HTTP/1,1", b" GET / HTTP/1.1", b"GET /%"),
        *(b"GET /" + b"a" * 9000 + b" HTTP/1.1", b"GET * HTTP/1.1", b"GET /.. HTTP/1.1"),
    ],
)
def test_what_stands_behind_a_line_that_is_none_is_evidence(make: Make, line: bytes) -> None:
    name = b"Host: " + DEAD.encode() + b".t.example\r\n"
    bare = ask_as(make, line + b"\r\nHost: t.example\r\n\r\n")
    for rest in (name + b"\r\n", b"A: b\r\n" + name, b"\r\n" + name, b"A: b\n\n" + name):
        commands = ask_as(make, line + b"\r\n" + rest)
        [touch] = touches(commands)
        assert touch.tokens == (DEAD,)
        assert said(commands) == said(bare)


@MAKERS
def test_an_answer_that_was_written_before_is_what_it_would_be_now(make: Make) -> None:
    fields = [
        "",
        *(f"Connection: {v}\r\n" for v in ("", "keep-alive", "Keep-Alive, a", "b", "close")),
    ]
    asked = [get(f"/{DEAD}", more=more) for more in fields]
    front = HTTPFront(KEYS, make(1e9), [], lambda _: None, b"GIF", "image/gif", "e")
    for data in (*asked, *reversed(asked)):
        known = front.conversation("192.0.2.1", 9, "192.0.2.2:80", "tcp").received(data, 1e9)
        assert said(list(known)) == said(ask_as(make, data))


@MAKERS
@pytest.mark.parametrize("line", ["GET\t/{}\tHTTP/1.1", "/{}", "GET  /{}  HTTP/1.1"])
def test_an_id_anywhere_in_a_line_that_is_none_is_evidence(make: Make, line: str) -> None:
    commands = ask_as(make, line.format(DEAD).encode() + b"\r\nHost: x\r\n\r\n")
    assert touches(commands)[0].tokens == (DEAD,)


@pytest.mark.parametrize(
    "more",
    [
        f"Host: {DEAD}.t.example\r\n",
        f"X-{DEAD}: a\r\n",
        "Referer: http://x/" + "".join(f"%{ord(letter):02x}" for letter in DEAD) + "\r\n",
    ],
)
def test_an_id_in_any_part_of_the_headers_is_evidence(more: str) -> None:
    [touch] = touches(ask(get("/", more=more)))
    assert touch.tokens == (DEAD,) and touch.detail["found"][0].startswith("header ")


@MAKERS
@pytest.mark.parametrize(
    ("target", "host"),
    [("/{}/../..", "x"), ("/{}%", "x"), ("/{} b", "x"), ("/", "{}..t.example"), ("/{}", "a/b")],
)
def test_ids_of_any_sort_in_what_cannot_be_followed_are_refused_alike_and_are_touches(
    make: Make, target: str, host: str
) -> None:
    asked = [ask_as(make, get(target.format(i), host.format(i)), ANSWERS[LIVE]) for i in IDS]
    assert {said(commands) for commands in asked} == {said(ask_as(make, get("/..")))}
    assert said(asked[0]).startswith(b"HTTP/1.1 400 ")
    assert [bool(touches(commands)) for commands in asked] == [True, True, False]


@MAKERS
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "FOO", "TRACE", "OPTIONS"])
def test_a_token_s_file_is_given_to_those_who_read_and_others_get_what_a_file_gives(
    make: Make, method: str
) -> None:
    answer = Answer(200, (("Content-Type", "text/html"),), b"%PDF")
    for reading in ("GET", "POST"):
        assert said(ask_as(make, get(f"/{LIVE}", method=reading), answer)).endswith(b"%PDF")
    commands = ask_as(make, get(f"/{LIVE}", method=method), answer)
    assert touches(commands)[0].tokens == (LIVE,)
    assert said(commands) == said(ask_as(make, get(f"/{LIVE}", method=method)))


@pytest.mark.parametrize(
    ("said_by_proxy", "source"),
    [
        ("fe80::1%" + "A" * 200, "10.1.1.1"),
        ("198.51.100.1, fe80::1%eth0", "10.1.1.1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, ::ffff:10.2.2.2", "203.0.113.7"),
    ],
)
def test_an_address_that_a_proxy_names_is_one_and_in_its_usual_form(
    said_by_proxy: str, source: str
) -> None:
    more = f"X-Forwarded-For: {said_by_proxy}\r\n"
    [touch] = touches(ask(get(f"/{DEAD}", more=more), source="10.1.1.1"))
    assert touch.source == source
