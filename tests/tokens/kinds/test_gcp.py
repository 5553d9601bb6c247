"""A Google Cloud service account."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.gcp import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
TOKEN = Token(TokenId("id1"), "gcp", "memo", Options(), datetime(2026, 1, 2, tzinfo=UTC))


def test_account_project_and_file_name_belong_together_and_the_key_is_one() -> None:
    [artefact] = KIND.artefacts(TOKEN, SITE)
    key = json.loads(artefact.content())
    assert key["client_email"].endswith(f"@{key['project_id']}.iam.gserviceaccount.com")
    assert str(artefact.file_name).startswith(f"{key['project_id']}-{key['private_key_id'][:12]}.")
    assert key["token_uri"] == "https://id1.files.example.net/token"
    load_pem_private_key(key["private_key"].encode(), None)


def test_names_and_numbers_are_ones_that_google_could_have_given() -> None:
    for number in range(4):
        token = replace(TOKEN, id=TokenId(f"id{number}"))
        key = json.loads(KIND.artefacts(token, SITE)[0].content())
        assert 10**20 <= int(key["client_id"]) < 10**20 + 2**64
        account, _, host = key["client_email"].partition("@")
        assert 6 <= len(account) <= 30
        assert 6 <= len(host.partition(".")[0]) <= 30
