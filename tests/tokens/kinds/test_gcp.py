"""A Google Cloud service account."""

import json
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
