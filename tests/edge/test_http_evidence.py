import json
import os
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serinus.base.ids import TokenId, draw_keys
from serinus.edge.http_evidence import BODY_WRITTEN_MAX, HTTPEvidence
from serinus.model.touch import Touch, read_touch, write_touch
from serinus.wire.http1 import BLOCKS_MAX, NOTHING, Request

KEYS = draw_keys(os.urandom)
LIVE, OTHER = KEYS.mint(os.urandom), KEYS.mint(os.urandom)

parts = st.binary(max_size=6).map(lambda part: part.replace(b"\n", b" "))
places = st.text(max_size=5).map(lambda name: f"header {name}")
tls_facts = st.none() | st.fixed_dictionaries({"sni": st.text(max_size=5), "ja3": st.none()})


def with_header(value: bytes) -> Request:
    return NOTHING.with_headers([(b"Cookie", value)])


def write(evidence: HTTPEvidence, request: Request, **other: Any) -> str:
    given_: dict[str, Any] = {
        **{"now": 1.5, "transport": "tcp", "source": ("192.0.2.1", 9), "tokens": [LIVE]},
        **{"places": ["path"], "local": "192.0.2.2:80", "peer": None, "tls": None, **other},
    }
    written = evidence.write(request=request, **given_)
    assert isinstance(written, str)
    return written


@given(
    parts,
    st.lists(st.tuples(parts, parts), max_size=3),
    st.binary(max_size=6) | st.just(b"\xff" * (BODY_WRITTEN_MAX + 1)),
    st.floats(min_value=1, allow_infinity=False),
    st.sampled_from([[LIVE], [OTHER, LIVE]]),
    st.lists(places, min_size=2, max_size=2),
    st.none() | st.sampled_from(["192.0.2.3", "::1"]),
    tls_facts,
)
def test_it_writes_what_write_touch_writes(
    line: bytes,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    now: float,
    tokens: list[TokenId],
    found: list[str],
    peer: str | None,
    tls: dict[str, str | None] | None,
) -> None:
    request = Request(line, b"", b"", b"", body=body, body_size=len(body)).with_headers(headers)
    head = b"\n".join([line, *map(b": ".join, headers)])
    detail = {
        "head": head.decode("latin-1"),
        "body": body.decode("latin-1"),
        "body_size": len(body),
        "found": found[: len(tokens)],
        "local": "[::1]:80",
        "peer": peer,
        "tls": tls,
    }
    touch = Touch("run-1", now, "http", "tls", "::1", 9, tuple(tokens), detail)
    written = HTTPEvidence(KEYS, "run").write(
        now, "tls", ("::1", 9), tokens, found[: len(tokens)], request, "[::1]:80", peer, tls
    )
    # A large body waits for its commit as it came.
    assert isinstance(written, Touch) == (len(body) > BODY_WRITTEN_MAX)
    assert (written if isinstance(written, str) else write_touch(written)) == write_touch(touch)


def test_no_two_touches_have_the_same_id_and_each_has_its_time() -> None:
    evidence = HTTPEvidence(KEYS, "run")
    touches = [read_touch(write(evidence, NOTHING, now=at)) for at in (1.5, 1.5, 2.5)]
    assert len({touch.id for touch in touches}) == 3
    assert [touch.at for touch in touches] == [1.5, 1.5, 2.5]


def test_headers_are_searched_where_they_may_hold_an_id_and_only_there() -> None:
    evidence = HTTPEvidence(KEYS, "run")
    for _ in range(2):
        assert evidence.may_hold_ids(with_header(LIVE.encode()))
        assert evidence.may_hold_ids(with_header(b"%61"))
        assert not evidence.may_hold_ids(with_header(b"short"))


def test_what_is_remembered_of_headers_is_bounded_and_never_mixed_up() -> None:
    evidence = HTTPEvidence(KEYS, "run")
    for number in [*range(3 * BLOCKS_MAX), *range(BLOCKS_MAX), 0]:
        head = json.loads(write(evidence, with_header(b"%d" % number)))[-1]["head"]
        assert head == f"\nCookie: {number}"
        assert len(evidence._known) <= BLOCKS_MAX
    evidence = HTTPEvidence(KEYS, "run")
    write(evidence, with_header(b"a" * 5000))
    assert not evidence._known
