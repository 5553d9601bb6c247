"""A page to sign in: who tried is told, and not what opens anything."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.kind import Token, Trip, read_options
from serinus.tokens.kinds.login_page import KIND
from serinus.tokens.site import Site

TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))


def minted(**options: Any) -> Token:
    return Token(TOKEN_ID, "login_page", "m", read_options(KIND, options), datetime.now(UTC))


def posted(body: str, method: str = "POST") -> Trip:
    detail = {"method": method, "target": "/login", "body": body, "line": "POST /login HTTP/1.1"}
    trip = KIND.interpret(
        Touch("1", 0.0, "http", "tcp", "192.0.2.1", 1, (TOKEN_ID,), detail), minted()
    )
    assert trip is not None
    return trip


def test_a_sign_in_names_the_user_and_masks_the_password() -> None:
    trip = posted(urlencode({"user": "mréyes\x1b[2J", "pwd": "Sommer2026!", "remember": "on"}))
    assert trip.summary == "Sign-in as 'mréyes\\x1b[2J' with the password S••• (11 characters)"
    assert trip.facts[:2] == (
        ("User", "mréyes\\x1b[2J"),
        ("Password", "S••• (11 characters)"),
    )
    assert "ommer" not in str(trip)


@pytest.mark.parametrize("body", ["", "user=x", "a=b", "{}", "&" * 100])
def test_a_post_without_a_password_is_a_visit(body: str) -> None:
    assert posted(body).summary.startswith("POST for /login") or "carried" in posted(body).summary


def test_a_sign_in_is_sent_back_to_the_form_or_on_to_the_target() -> None:
    answer = KIND.answer(minted(), SITE)
    url = KIND.artefacts(minted(), SITE)[0].value
    assert isinstance(url, str)
    path = url.removeprefix(f"https://{TOKEN_ID}.files.example.net")
    assert answer.posted_to.startswith(f"{path}?")
    assert KIND.answer(minted(target="https://a.example/"), SITE).posted_to == "https://a.example/"


def test_a_target_that_is_no_url_is_named() -> None:
    with pytest.raises(OperatorError) as caught:
        minted(target="/home")
    assert caught.value.field == "target"
