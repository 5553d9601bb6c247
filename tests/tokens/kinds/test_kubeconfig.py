"""A kubeconfig."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.tokens.kind import Token, read_options
from serinus.tokens.kinds.kubeconfig import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
NOW = datetime(2026, 1, 2, tzinfo=UTC)
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def written(**values: Any) -> str:
    token = Token(TokenId("id1"), "kubeconfig", "memo", read_options(KIND, values), NOW)
    return KIND.artefacts(token, SITE)[0].content().decode()


def test_the_bearer_token_is_one_of_a_service_account_and_still_holds() -> None:
    text = written()
    bearer = text.rpartition("token: ")[2].strip()
    head, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in bearer.split(".")
    )
    said = json.loads(claims)
    assert json.loads(head)["alg"] == "RS256" and len(signature) == 256
    assert said["iat"] < NOW.timestamp() < said["exp"]
    place = said["kubernetes.io"]
    account = f"{place['namespace']}:{place['serviceaccount']['name']}"
    assert said["sub"] == f"system:serviceaccount:{account}"
    assert f"    namespace: {place['namespace']}\n" in text


def test_a_client_trusts_the_ca_that_is_given_or_else_anybody() -> None:
    assert "insecure-skip-tls-verify: true\n" in written()
    text = written(ca=PEM)
    assert "insecure" not in text
    assert f"certificate-authority-data: {base64.b64encode(PEM.encode()).decode()}\n" in text


def test_what_is_no_pem_is_refused() -> None:
    with pytest.raises(OperatorError, match="PEM") as caught:
        written(ca="MIIB")
    assert caught.value.field == "ca"
