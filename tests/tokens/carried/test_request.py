"""What requests carry, and how the sentence that is read first says it."""

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.carried.request import TEXT_LENGTH_MAX, TEXTS_MAX, read_request
from serinus.tokens.describe import CARRIED, describe_touch
from serinus.tokens.kind import Options, Token, Trip

ID = TokenId("k3q9w7x2m5v8n4b6t1zd")
TARGET = f"/assets/{ID}/logo.gif"
SAID = "root on web1 ran: nc -l 4444"
HEX = SAID.encode().hex()
BASE64 = base64.b64encode(SAID.encode()).decode()

jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def trip(
    agent: str = "curl/8.5.0",
    target: str = TARGET,
    body: bytes = b"",
    **headers: str,
) -> Trip:
    """Describe a request as the worker does; text of the wire is Latin-1."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    pairs = [("Host", "files.example"), ("User-Agent", agent), ("Accept", "*/*"), *named]
    detail = {
        "method": "POST" if body else "GET",
        "target": wire(target),
        "headers": [[name, wire(value)] for name, value in pairs if value],
        "body": body.decode("latin-1"),
    }
    touch = Touch("1", 0.0, "http", "tcp", "192.0.2.1", 4711, (ID,), detail)
    found = describe_touch(touch, Token(ID, "web", "memo", Options(), datetime.now(UTC)))
    assert found is not None
    return found


def wire(text: str) -> str:
    return text.encode().decode("latin-1")


def carried(found: Trip) -> list[str]:
    return [value for label, value in found.facts if label == CARRIED]


def test_a_user_agent_that_is_a_sentence_is_read_first() -> None:
    found = trip(SAID)
    assert found.summary == f"“{SAID}” carried by GET for {TARGET}"
    assert carried(found) == [SAID]
    assert "User-Agent" not in dict(found.facts)


@pytest.mark.parametrize(
    "agent",
    [
        "curl/8.5.0",
        "Wget/1.21.3",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126",
        "git/2.39.2",
        "Boto3/1.34 md/Botocore#1.34 ua/2.0 os/linux#6.1",
        "somebody",
    ],
)
def test_a_program_is_told_as_what_asked(agent: str) -> None:
    found = trip(agent)
    assert found.summary == f"GET for {TARGET} with {agent}"[: len(found.summary)]
    assert carried(found) == [] and dict(found.facts)["User-Agent"] == agent


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"target": f"{TARGET}?root%20on+web1"}, "query: root on web1"),
        ({"target": f"{TARGET}?who=root&ran=nc%20-l%26"}, "query: who=root, ran=nc -l&"),
        ({"target": f"{TARGET}?x=cm9vdA=="}, "query: x=root (Base64 cm9vdA==)"),
        ({"target": f"{TARGET}?cm9vdA=="}, "query: root (Base64 cm9vdA==)"),
        ({"target": f"{TARGET}/root%20on/web1"}, "path: root on/web1"),
        ({"X_Who": "Zoë on büro"}, "header x-who: Zoë on büro"),
        ({"X_Who": HEX}, f"header x-who: {SAID} (hexadecimal {HEX})"),
        ({"body": b"uid=0(root)\nweb1\n"}, "body: uid=0(root) ⏎ web1"),
        (
            {"body": b"who=root&ran=nc+-l", "Content_Type": "application/x-www-form-urlencoded"},
            "body: who=root, ran=nc -l",
        ),
        (
            {"body": SAID.encode(), "Content_Type": "application/x-www-form-urlencoded"},
            f"body: {SAID}",
        ),
        (
            {"body": json.dumps({"who": "root", "args": ["nc", "-l"], "n": 1}).encode()},
            "body: who=root, args.1=nc, args.2=-l, n=1",
        ),
        ({"body": gzip.compress(SAID.encode()), "Content_Encoding": "gzip"}, f"body: {SAID}"),
        ({"body": BASE64.encode()}, f"body: {SAID} (Base64 {BASE64})"),
        ({"body": "Zoë".encode()[:-1]}, "body: Zo"),
    ],
)
def test_what_stands_elsewhere_is_told_with_its_place(request_: dict[str, Any], said: str) -> None:
    assert carried(trip(**request_)) == [said]


def test_a_sentence_anywhere_is_read_first_and_the_program_stays() -> None:
    found = trip(target=f"{TARGET}?root%20on%20web1")
    assert found.summary.startswith("“root on web1” carried by GET for ")
    assert found.summary.endswith(" with curl/8.5.0")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"target": f"/?id={ID}"},
        {"target": f"/{ID}"},
        {"target": TARGET + "?"},
        {"body": b"\x00\xff\xfe\x00"},
        {"Accept_Language": "en", "X_Forwarded_For": "192.0.2.7", "Sec_Fetch_Mode": "navigate"},
    ],
)
def test_what_every_request_has_is_not_carried(request_: dict[str, Any]) -> None:
    assert carried(trip(**request_)) == []


def test_what_is_named_a_secret_is_masked() -> None:
    form = "application/x-www-form-urlencoded"
    found = trip(body=b"user=zoe&password=correct+horse", Content_Type=form, X_API_Key="abcdefgh")
    assert carried(found) == [
        "header x-api-key: a••• (8 characters)",
        "body: user=zoe, password=c••• (13 characters)",
    ]
    assert "horse" not in found.summary
    told = trip(Cookie="a=hunter2; b=c", Referer="https://wiki.example/?session=hunter2")
    assert not [fact for fact in (told.summary, *told.facts) if "hunter2" in str(fact)]


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J\x1b]0;owned\x07 gone", "<img src=x onerror=a(1)> a", "=HYPERLINK(1) a", "\u202eexe"],
)
def test_what_is_hostile_is_one_line_of_visible_characters(text: str) -> None:
    for found in (trip(text + " x"), trip(body=text.encode()), trip(X_Who=text)):
        assert found.summary.isprintable()
        assert all(value.isprintable() for value in carried(found)) and carried(found)


def test_a_megabyte_is_cut() -> None:
    found = trip(body=b"word " * 200_000)
    assert len(found.summary) < 500
    assert [len(value) for value in carried(found)] == [TEXT_LENGTH_MAX + len("body: ")]
    headers: dict[str, Any] = {f"X_{n}": "a b" for n in range(100)}
    many = trip(**headers)
    assert len(carried(many)) == TEXTS_MAX


def test_bombs_everywhere_are_told_in_their_bounds() -> None:
    bomb = base64.b64encode(gzip.compress(b"word " * 13_000)).decode()
    headers: dict[str, Any] = {f"X_{n}": bomb for n in range(100)}
    document = json.dumps(dict.fromkeys(map(str, range(64)), bomb)).encode()
    assert all(value.count("word") < 250 for value in carried(trip(body=document, **headers)))
    assert [len(value) for value in carried(trip(body=document))] == [
        TEXT_LENGTH_MAX + len("body: ")
    ]


def test_a_document_nested_without_end_is_lawful() -> None:
    assert carried(trip(body=b"[" * 60_000))
    assert carried(trip(body=b'{"a":' * 60 + b"1" + b"}" * 60)) == []


@given(
    st.dictionaries(
        st.sampled_from(["method", "target", "headers", "body", "found", "tls", "line"]), jsons
    )
)
def test_any_detail_is_lawful(detail: dict[str, Any]) -> None:
    for said in read_request(detail, ID):
        assert said.labelled.isprintable()
