"""An Azure storage account."""

import base64
import re
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.azure import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


def test_account_and_key_are_of_the_form_that_azure_gives() -> None:
    for number in range(60):
        token = Token(TokenId(f"id{number}"), "azure", "memo", Options(), datetime.now(UTC))
        text = KIND.artefacts(token, SITE)[0].content().decode()
        parts = dict(part.split("=", 1) for part in text.split(";"))
        assert re.fullmatch(r"[a-z0-9]{3,24}", parts["AccountName"])
        assert len(base64.b64decode(parts["AccountKey"], validate=True)) == 64
        assert parts["BlobEndpoint"] == f"https://id{number}.files.example.net/"


def test_no_time_stands_still_in_the_answer() -> None:
    token = Token(TokenId("id1"), "azure", "memo", Options(), datetime.now(UTC))
    assert b"Time:" not in KIND.answer(token, SITE).body
