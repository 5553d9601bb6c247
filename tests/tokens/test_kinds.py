"""The contract of a token kind, held to every kind in the catalogue."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats.office import DRAFT
from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.base.untrusted import readable
from serinus.formats.word_draft import write_word
from serinus.model.answer import BODY_SIZE_MAX
from serinus.model.touch import Channel, Touch
from serinus.tokens import kinds as kinds_folder
from serinus.tokens.catalogue import KINDS, kind_named
from serinus.tokens.kind import (
    MEMO_LENGTH_MAX,
    Kind,
    Options,
    Proof,
    Sureness,
    Token,
    options_schema,
    read_options,
    write_options,
)
from serinus.tokens.site import Site

TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
LAWFUL: dict[str, list[dict[str, Any]]] = {
    "web": [
        {},
        {"surface": "page"},
        {"surface": "file", "body": b"%PDF", "content_type": "text/plain", "file_name": "plän 1"},
    ],
    "dns": [{}, {"nxdomain": True}],
    "redirect": [{"target": "https://example.com/?a=b#c"}],
    "word": [{}, {"file": write_word(DRAFT), "file_name": "plan"}],
    "qr": [{}, {"target": "https://example.com/?a=b#c"}],
    "kubeconfig": [{}, {"ca": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}],
    "image": [{"picture": b"\x89PNG\r\n\x1a\n"}],
    "favicon": [{}, {"icon": b"GIF89a"}],
    "cloned_site": [{"hosts": "www.example.org"}, {"hosts": "a.example, localhost\n10.0.0.1"}],
    "cloned_css": [{"hosts": "www.example.org"}],
    "login_page": [
        {},
        {"title": "</title>{{x}} %s", "logo": 'A & "B" ‹accent› @logo «a¦b»'},
        {"target": "https://example.com/home"},
    ],
    "security_txt": [{}, {"contact": "mailto:security@example.org"}],
    "reg_command": [{"program": "whoami.exe"}],
    "scheduled_task": [{}, {"when": "remote"}],
    "wrapper": [
        {"program": "nc", "via": "both", "with_args": True},
        {"program": "/opt/a+b/ssh-add", "style": "shell-function", "everyone": True},
        {"program": "nc", "style": "binary", "divert": True, "with_args": True},
        {"program": "/usr/sbin/tcpdump", "style": "binary", "user": "alice"},
    ],
    "login": [
        {"via": "both"},
        {"place": "sshrc", "user": "alice"},
        {"place": "authorized-keys", "user": "alice"},
        {"place": "pam", "via": "http"},
    ],
    "schedule": [{"via": "both"}, {"by": "systemd", "unit": "getty@tty1.service"}],
    "opened_file": [
        {"path": "/root/notes.txt", "by": "inotify", "via": "both"},
        {"path": "/root/a \"$x\" `y` \\ 'z' %s ‹path› @name «a¦b».txt", "by": "inotify"},
        {"path": '/srv/"é"\\.txt', "with_args": True},
    ],
    "browser": [{}, {"target": "https://example.com/</script>"}, {"text": "One\r\n<b>two</b>"}],
}
"""Of a kind that is not named here, no options at all are lawful."""
CASES = [(kind, values) for kind in KINDS for values in LAWFUL.get(kind.name, [{}])]
HOSTILE_MEMOS = ("\x1b[2J\x00", "\u202egnp.exe", "{{7*7}} {0.__class__} ${x} %s %(id)s <script>")

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
every_case = pytest.mark.parametrize(
    ("kind", "values"), CASES, ids=[f"{k.name}-{n}" for n, (k, _) in enumerate(CASES)]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = "name type left edns line method target headers host body body_size found tls local peer"


def token_of(kind: Kind, values: dict[str, Any], memo: str = "in the safe") -> Token:
    return Token(TOKEN_ID, kind.name, memo, read_options(kind, values), NOW)


def touch_of(channel: Channel, detail: dict[str, Any], token_id: TokenId = TOKEN_ID) -> Touch:
    return Touch("t", 0.0, channel, "tcp", "192.0.2.1", 4711, (token_id,), detail)


def texts_of(kind: Kind, touch: Touch, token: Token) -> Iterator[str]:
    trip = kind.interpret(touch, token)
    assert trip is not None
    yield trip.summary
    for label, value in trip.facts:
        yield label
        yield value


def test_folder_and_catalogue_agree() -> None:
    folder = Path(kinds_folder.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {kind.name for kind in KINDS}
    assert {type(kind).__module__ for kind in KINDS} == {
        f"serinus.tokens.kinds.{name}" for name in files
    }
    assert [kind_named(kind.name) for kind in KINDS] == list(KINDS)


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(OperatorError, match="web, dns, redirect, browser") as caught:
        kind_named("nothing")
    assert caught.value.field == "kind"


@every_kind
def test_a_kind_says_what_it_is(kind: Kind) -> None:
    assert kind.name.isidentifier() and kind.name == kind.name.lower()
    assert kind.title
    assert kind.summary.endswith(".")
    assert kind.planting
    assert all(text.endswith(".") and text.isprintable() for text in kind.planting)


@every_kind
def test_a_proof_is_held_by_a_test_with_the_client(kind: Kind) -> None:
    tests = [path.read_text() for path in (ROOT / "tests" / "clients").glob("test_*.py")]
    for client in kind.proof.clients:
        minted = (f"kinds.{kind.name}", f'mint("{kind.name}"', f'plant("{kind.name}"')
        assert any(client in t and any(m in t for m in minted) for t in tests)


def test_a_proof_names_its_clients() -> None:
    with pytest.raises(ValueError, match="names its clients"):
        Proof(Sureness.PROVEN)


@every_kind
def test_every_option_is_described_and_bounded(kind: Kind) -> None:
    for described in options_schema(kind):
        assert described.label
        assert described.help.endswith(".")
        assert described.type in ("text", "file", "yes_no", "number")
        if described.type in ("text", "file"):
            assert described.max is not None or described.choices
        if described.choices and not described.required:
            assert described.default in described.choices
    json.dumps([d.default for d in options_schema(kind)])


@every_case
def test_options_are_written_and_read_back(kind: Kind, values: dict[str, Any]) -> None:
    options = read_options(kind, values)
    again = json.loads(json.dumps(write_options(options)))
    assert read_options(kind, again) == options


@every_kind
def test_an_unknown_option_is_named(kind: Kind) -> None:
    with pytest.raises(OperatorError) as caught:
        read_options(kind, {**LAWFUL.get(kind.name, [{}])[0], "colour": "red"})
    assert caught.value.field == "colour"


@every_kind
def test_a_missing_option_is_named(kind: Kind) -> None:
    required = [described.name for described in options_schema(kind) if described.required]
    for name in required:
        for nothing in ({}, {name: None}, {name: ""}):
            with pytest.raises(OperatorError) as caught:
                read_options(kind, {**LAWFUL.get(kind.name, [{}])[0], name: None, **nothing})
            assert caught.value.field == name


@every_kind
def test_a_value_out_of_bounds_or_of_another_type_is_named(kind: Kind) -> None:
    for described in options_schema(kind):
        wrong: list[object] = [[], {}, 1.5]
        if described.type == "text":
            wrong += [7, b"x", "a\x00b", "a\x1bb", "a\x85b", "\ud800"]
            wrong.append("x" * ((described.max or 99) + 1))
            if not described.lines:
                wrong.append("a\nb")
        if described.type == "file":
            wrong += ["no Base64!", bytes((described.max or 0) + 1)]
        if described.type == "yes_no":
            wrong += ["perhaps", 2]
        for value in wrong:
            with pytest.raises(OperatorError) as caught:
                read_options(kind, {**LAWFUL.get(kind.name, [{}])[0], described.name: value})
            assert caught.value.field == described.name, value


def unpacked(content: bytes) -> bytes:
    """The content, and of a package its parts."""
    if not content.startswith(b"PK"):
        return content
    with ZipFile(BytesIO(content)) as package:
        return b"".join(map(package.read, package.namelist()))


@every_case
def test_artefacts_hold_the_id_and_have_names_of_their_own(
    kind: Kind, values: dict[str, Any]
) -> None:
    found = kind.artefacts(token_of(kind, values), SITE)
    assert found
    assert len({artefact.name for artefact in found}) == len(found)
    assert any(TOKEN_ID.encode() in unpacked(artefact.content()) for artefact in found)
    for artefact in found:
        assert artefact.label
        assert "/" in artefact.media_type


@every_case
@pytest.mark.parametrize("memo", HOSTILE_MEMOS)
def test_a_memo_changes_nothing_that_an_intruder_sees(
    kind: Kind, values: dict[str, Any], memo: str
) -> None:
    plain, hostile = token_of(kind, values), token_of(kind, values, memo)
    first, second = (
        {a.name: (a.file_name, a.content()) for a in kind.artefacts(token, SITE)}
        for token in (plain, hostile)
    )
    assert first == second
    assert kind.answer(plain, SITE) == kind.answer(hostile, SITE)


@every_case
def test_an_answer_is_the_same_tomorrow_and_fit_for_a_wire(
    kind: Kind, values: dict[str, Any]
) -> None:
    answer = kind.answer(token_of(kind, values), SITE)
    assert answer == kind.answer(token_of(kind, values), SITE)
    if answer is None:
        return
    assert 200 <= answer.status <= 599
    assert len(answer.body) <= BODY_SIZE_MAX
    for name, value in answer.headers:
        assert all("!" <= c <= "~" for c in name)
        assert all(" " <= c <= "~" for c in value)
    for word in (b"serinus", b"canary", b"token", b"honey"):
        assert word not in answer.body.lower()


@every_case
def test_a_touch_of_another_token_is_no_trip(kind: Kind, values: dict[str, Any]) -> None:
    touch = touch_of("http", {"method": "GET"}, TokenId("another"))
    assert kind.interpret(touch, token_of(kind, values)) is None


@every_case
def test_a_fetch_is_told_in_a_sentence(kind: Kind, values: dict[str, Any]) -> None:
    headers = [["user-agent", "curl/8.5.0"], ["Referer", "http://\x1b[2Jevil/"]]
    detail = {"method": "GET", "target": "/assets/x", "headers": headers, "found": ["path"]}
    trip = kind.interpret(touch_of("http", detail), token_of(kind, values))
    assert trip is not None
    assert trip.summary == "GET for /assets/x with curl/8.5.0"
    assert ("User-Agent", "curl/8.5.0") in trip.facts
    assert ("Referer", "http://\\x1b[2Jevil/") in trip.facts
    assert ("Found in", "path") in trip.facts


@every_case
def test_a_credential_is_told_without_its_secret(kind: Kind, values: dict[str, Any]) -> None:
    headers = [["Authorization", "Basic bXJleWVzOmh1bnRlcjIy"], ["X-Api-Key", "hunter22"]]
    target = "/a?sig=hunter22&sv=1"
    detail = {"method": "GET", "target": target, "line": f"GET {target}", "headers": headers}
    texts = list(texts_of(kind, touch_of("http", detail), token_of(kind, values)))
    assert any("password of 'mreyes'" in text for text in texts)
    assert not any("hunter22" in text or "bXJleWVz" in text for text in texts)


@every_case
def test_a_lookup_is_told_with_the_data_it_carries(kind: Kind, values: dict[str, Any]) -> None:
    name = f"Host1.root.{TOKEN_ID}.files.example.net"
    detail = {"name": name, "type": "A", "left": ["Host1", "root"], "edns": None}
    trip = kind.interpret(touch_of("dns", detail), token_of(kind, values))
    assert trip is not None
    assert trip.summary == f"A lookup of {name}"
    assert ("Carried data", "Host1.root") in trip.facts


@every_case
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    channel=st.sampled_from(["dns", "http"]),
    detail=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES.split(), json_values)),
)
def test_any_detail_is_lawful_and_told_as_harmless_text(
    kind: Kind, values: dict[str, Any], channel: Channel, detail: dict[str, Any]
) -> None:
    for text in texts_of(kind, touch_of(channel, detail), token_of(kind, values)):
        assert text == readable(text)


@every_case
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_posted_body_is_lawful(kind: Kind, values: dict[str, Any], body: bytes) -> None:
    detail = {"method": "POST", "target": "/", "body": body.decode("latin-1")}
    for text in texts_of(kind, touch_of("http", detail), token_of(kind, values)):
        assert text == readable(text)


@every_case
def test_an_url_parses_and_its_id_is_a_segment(kind: Kind, values: dict[str, Any]) -> None:
    first = kind.artefacts(token_of(kind, values), SITE)[0].value
    if isinstance(first, str) and first.startswith(("http://", "https://")):
        url = urlsplit(first)
        name = (url.hostname or "").removesuffix(f".{SITE.zone}")
        assert TOKEN_ID in [name, *url.path.split("/")]


def test_a_memo_is_required_and_bounded() -> None:
    Token(TOKEN_ID, "web", "x" * MEMO_LENGTH_MAX, Options(), NOW)
    for memo in ("", " \n", "x" * (MEMO_LENGTH_MAX + 1)):
        with pytest.raises(OperatorError) as caught:
            Token(TOKEN_ID, "web", memo, Options(), NOW)
        assert caught.value.field == "memo"


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_the_time_of_minting_is_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="UTC"):
        Token(TOKEN_ID, "web", "memo", Options(), NOW.replace(tzinfo=zone))
