"""What a request offers to sign in with, told without the secret."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.untrusted import masked, readable
from serinus.tokens.credentials import CREDENTIALS_MAX, read_credentials, without_secrets


def code(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def signed(claims: Any, alphabet: bytes = b"-_") -> str:
    parts = (json.dumps({"alg": "RS256"}), json.dumps(claims), "signature?")
    return ".".join(
        base64.b64encode(part.encode(), alphabet).decode().rstrip("=") for part in parts
    )


def told(name: str, value: str) -> list[str]:
    return [found.sentence for found in read_credentials({"headers": [["X", "y"], [name, value]]})]


BEARER = signed({"sub": "system:serviceaccount:ci:deployer", "iss": "kubernetes"})
AWS = (
    "AWS4-HMAC-SHA256 Credential=AKIAJEXAMPLE/20260102/eu-west-1/sts/aws4_request, "
    "SignedHeaders=host, Signature=0011223344"
)
DIGEST = 'Digest username="mreyes", realm="x", nonce="n", uri="/", response="0011223344"'
MADE = [
    ("Authorization", f"Basic {code('mreyes:hunter22')}", "password of 'mreyes'", "hunter22"),
    ("AUTHORIZATION", f"bASIC   {code('mreyes:a:b:c:d')}", "password of 'mreyes'", "a:b:c:d"),
    ("Authorization", f"Basic {code('ü:päß')}".rstrip("="), "password of 'ü'", "päß"),
    ("Authorization", f"Basic {code(':only')}", "password", "only"),
    ("Authorization", f"Basic {code('key')}", "password of 'key'", ""),
    ("Authorization", f"Bearer {BEARER}", "bearer token of 'system:serviceaccount:ci:dep", BEARER),
    ("Authorization", "Bearer sk-123456", "bearer token", "sk-123456"),
    ("Authorization", "Bearer a.b.c", "bearer token", "a.b.c"),
    ("Authorization", "Negotiate TlRMTVNTUAAB", "Negotiate credential", "TlRMTVNTUAAB"),
    ("Authorization", "glpat-123456", "credential", "glpat-123456"),
    ("X-Api-Key", "sk-ant-123", "API key", "sk-ant-123"),
    ("Private-Token", "glpat-123", "private token", "glpat-123"),
]
UNSENT = [
    (DIGEST, "digest of 'mreyes'"),
    (AWS, "key 'AKIAJEXAMPLE' for sts in eu-west-1"),
    ("AWS AKIAJEXAMPLE:0011223344", "key of 'AKIAJEXAMPLE'"),
    ("SharedKey account01:0011223344", "key of 'account01'"),
    ("SharedKeyLite account01:0011223344", "key of 'account01'"),
    ("AWS4-HMAC-SHA256 nothing", "signature"),
]


@pytest.mark.parametrize(("name", "value", "what", "secret"), MADE)
def test_what_is_offered_is_told_by_whose_it_is_and_masked(
    name: str, value: str, what: str, secret: str
) -> None:
    [sentence] = told(name, value.encode().decode("latin-1"))
    assert sentence.startswith(what)
    assert sentence.endswith(f": {masked(secret)}, in {name.title()}")
    assert not secret or secret not in sentence


@pytest.mark.parametrize(("value", "what"), UNSENT)
def test_of_a_signature_only_the_name_is_told(value: str, what: str) -> None:
    assert told("Authorization", value) == [f"{what}, in Authorization"]


def test_what_is_meant_for_a_proxy_comes_first_and_all_is_told() -> None:
    headers = [["Authorization", "Bearer 1"], ["Proxy-Authorization", f"Basic {code('me:you')}"]]
    first, second = read_credentials({"headers": headers})
    assert (first.what, first.place) == ("password of 'me'", "Proxy-Authorization")
    assert (second.what, second.place) == ("bearer token", "Authorization")
    assert len(read_credentials({"headers": headers * 9})) == CREDENTIALS_MAX


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sv=2024-11-04&sp=r&sig=abcdef%3D", "shared access signature: a••• (7 characters)"),
        ("X-Amz-Credential=AKIAJ%2F20260102%2Fx%2Fs3%2Faws4_request", "key 'AKIAJ' for s3 in x"),
        ("access_token=abcdefg", "access token: a••• (7 characters)"),
    ],
)
def test_a_credential_in_the_query_is_told(query: str, sentence: str) -> None:
    [found] = read_credentials({"target": f"/a?{query}"})
    assert found.sentence == f"{sentence}, in the query"


def test_a_signed_assertion_in_a_form_is_told_by_its_issuer() -> None:
    assertion = signed({"iss": "ci@shop.iam.example", "sub": "another@shop.example"})
    form = {"headers": [["Content-Type", "application/x-www-form-urlencoded"]]}
    [found] = read_credentials({**form, "body": f"grant_type=x&assertion={assertion}"})
    assert found.sentence.startswith("signed assertion of 'ci@shop.iam.example': e••• (")
    [found] = read_credentials({**form, "body": "client_id=app&client_secret=abcdefg"})
    assert found.sentence == "client secret of 'app': a••• (7 characters), in the form"
    assert read_credentials({"body": f"assertion={assertion}"}) == []


def test_names_are_harmless_and_bounded() -> None:
    [sentence] = told("Authorization", f"Basic {code(chr(27) + '[2J' + 'x' * 4000 + ':secret')}")
    assert sentence == readable(sentence)
    assert "\\x1b[2Jxxx" in sentence and len(sentence) < 250


@pytest.mark.parametrize(
    "claims", ["[" * 5000, {"sub": 1}, {"sub": ["x"]}, [], None, {"sub": ""}, {"iss": {}}]
)
def test_claims_of_any_shape_are_lawful(claims: Any) -> None:
    bearer = signed(claims) if not isinstance(claims, str) else f"a.{code(claims)}.b"
    [sentence] = told("Authorization", f"Bearer {bearer}")
    assert sentence.startswith("bearer token: ")


def test_a_target_is_shown_without_its_secrets() -> None:
    line = "GET /a?sv=1&sig=abc%3D&x=y HTTP/1.1"
    assert without_secrets(line) == "GET /a?sv=1&sig=•••&x=y HTTP/1.1"
    for name in ("API_KEY", "apikey", "password", "access_token", "X-Amz-Signature", "user_pass"):
        assert without_secrets(f"/a?b=c&{name}=secret") == f"/a?b=c&{name}=•••"
    assert (
        without_secrets("/a?session=x;auth=y&PHPSESSID=1") == "/a?session=•••;auth=•••&PHPSESSID=1"
    )
    assert without_secrets("/sig=1?design=2&mysig=3") == "/sig=1?design=2&mysig=3"


def test_a_long_query_is_read_through_once() -> None:
    for target in ("?" + "key" * 10_000, "?" + "?key" * 10_000, "&" * 30_000 + "key=1"):
        assert without_secrets(target) in (target, "&" * 30_000 + "key=•••")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
schemes = st.sampled_from(["Basic", "Bearer", "Digest", "AWS4-HMAC-SHA256", "AWS", "SharedKey", ""])
headers = st.lists(
    json_values
    | st.tuples(st.just("Authorization"), st.tuples(schemes, st.text()).map(" ".join))
    | st.tuples(st.sampled_from(["Content-Type", "X-Api-Key"]), json_values),
    max_size=4,
)


@given(
    st.fixed_dictionaries(
        {}, optional={"headers": headers | json_values, "target": json_values, "body": json_values}
    )
)
def test_any_detail_is_lawful_and_told_as_harmless_text(detail: dict[str, Any]) -> None:
    for found in read_credentials(detail):
        assert found.sentence == readable(found.sentence)
