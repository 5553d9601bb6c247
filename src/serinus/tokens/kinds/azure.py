"""The connection string of an Azure storage account."""

import base64

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import HEX, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

ACCOUNT_LENGTH_MAX = 24
"""Characters of an account's name (Microsoft Learn, "Storage account overview")."""
_KEY_SIZE = 64
"""Bytes of an account key."""


class AzureKind(CredentialKind):
    """An account under a domain name of its own."""

    name = "azure"
    title = "Azure storage account"
    service = "Azure storage"
    summary = "A storage account's connection string; fires when an SDK or tool connects with it."
    planting = (
        "Put the string where an application has it: .env, appsettings.json, local.settings.json, "
        "a CI variable. It names a domain of the account's own, as accounts may have one.",
        "The Azure SDKs, az storage --connection-string and Storage Explorer fire it, and name the "
        "account. The key is never sent: it signs. An account name and key that are copied without "
        "BlobEndpoint go to Azure, and nothing fires.",
    )
    proof = proven("azure-storage-blob")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the string, and the line of a .env file that holds it."""
        draw = Draw(token, site, "azure")
        words = (draw.one(PROJECTS), draw.one(ROLES), draw.one(("", "prod", "stg", "data", "st")))
        account = f"{''.join(words)[: ACCOUNT_LENGTH_MAX - 3]}{draw.number(1, 999):03}"
        key = base64.b64encode(draw.bytes(_KEY_SIZE)).decode()
        text = (
            f"DefaultEndpointsProtocol={site.scheme};AccountName={account};AccountKey={key};"
            f"BlobEndpoint={site.origin(token.id)}/"
        )
        return [
            Artefact("connection", "Connection string", text),
            Artefact(
                *("env", "Line of a .env file"),
                f'AZURE_STORAGE_CONNECTION_STRING="{text}"\n',
                file_name=".env",
            ),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse as the Blob service does ("Status and error codes", Microsoft Learn).

        Its line with the time is left out: a time that stands still would be worse.
        """
        draw = Draw(token, site, "server")
        request = (
            f"{draw.text(HEX, 8)}-{draw.text('0123', 1)}01e-00{draw.text(HEX, 2)}"
            f"-{draw.text(HEX, 4)}-{draw.text(HEX, 6)}000000"
        )
        body = (
            '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>'
            "<Message>Server failed to authenticate the request. Make sure the value of "
            "Authorization header is formed correctly including the signature.\n"
            f"RequestId:{request}</Message></Error>"
        )
        headers = (
            ("Content-Type", "application/xml"),
            ("x-ms-request-id", request),
            ("x-ms-error-code", "AuthenticationFailed"),
        )
        return Answer(403, headers, body.encode())


KIND = AzureKind()
