"""The key file of a Google Cloud service account whose token endpoint is ours."""

import json
from functools import partial

from serinus.base.rsa_keys import make_rsa_key
from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import HEX, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_GOOGLE = "https://www.googleapis.com"
_LEAST_CLIENT_ID = 10**20
"""An account's unique number is this and 64 bits more: never above 118446744073709551615."""
# RFC 6749 §5.2, in Google's words for an account that is gone.
_BODY = b'{"error":"invalid_grant","error_description":"Invalid grant: account not found"}'


class GcpKind(CredentialKind):
    """A service account; its key is a real RSA key that nobody but the file has."""

    name = "gcp"
    title = "Google Cloud service account"
    service = "Google Cloud"
    summary = "A service account's key file; fires when a library or gcloud signs in with it."
    planting = (
        "Put the file where people keep one: ~/.config/gcloud, a repository's secrets folder, a CI "
        "variable, beside a docker-compose.yml that sets GOOGLE_APPLICATION_CREDENTIALS.",
        "google-auth, the client libraries on it and gcloud auth activate-service-account post a "
        "signed assertion to the file's token_uri, which is ours, and so name the account. "
        "Libraries that ignore token_uri, and a key that is taken out of the file, go to Google, "
        "which knows no such account, and nothing fires.",
        "token_uri is the one line that differs from everybody's file; whoever reads it sees that. "
        "The project and the account are invented.",
    )
    proof = proven("google-auth")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file; its key is made when it is wanted."""
        project, key_id = _draw_key(token, site)
        return [
            Artefact(
                *("key", "Key file", partial(_write, token, site), "application/json"),
                file_name=f"{project}-{key_id[:12]}.json",
            )
        ]

    def answer(self, token: Token, site: Site) -> Answer:  # noqa: ARG002
        """Refuse as Google's token endpoint does."""
        headers = (
            ("Content-Type", "application/json; charset=UTF-8"),
            ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
            ("Pragma", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        )
        return Answer(400, headers, _BODY)


def _draw_key(token: Token, site: Site) -> tuple[str, str]:
    """Return project and key id, after which Google names the file."""
    draw = Draw(token, site, "project")
    project = f"{draw.one(PROJECTS)}-{draw.one(ROLES)}-{draw.number(100000, 499999)}"
    return project, draw.text(HEX, 40)


def _write(token: Token, site: Site) -> bytes:
    draw = Draw(token, site, "gcp")
    project, key_id = _draw_key(token, site)
    role = draw.one(ROLES)
    # An account's name has 6 to 30 characters (Google Cloud, "Create service accounts").
    account = draw.one((f"{role}-sa", f"{role}-{draw.one(ROLES)}", f"{role}-runner", f"sa-{role}"))
    email = f"{account}-{draw.number(1, 99)}@{project}.iam.gserviceaccount.com"
    found = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": key_id,
        "private_key": make_rsa_key(site.entropy(token.id, "RSA key")),
        "client_email": email,
        "client_id": str(_LEAST_CLIENT_ID + int.from_bytes(draw.bytes(8), "big")),
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": f"{site.origin(token.id)}/token",
        "auth_provider_x509_cert_url": f"{_GOOGLE}/oauth2/v1/certs",
        "client_x509_cert_url": f"{_GOOGLE}/robot/v1/metadata/x509/{email.replace('@', '%40')}",
        "universe_domain": "googleapis.com",
    }
    return json.dumps(found, indent=2).encode() + b"\n"


KIND = GcpKind()
