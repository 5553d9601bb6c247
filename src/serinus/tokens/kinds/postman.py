"""A Postman collection whose API is ours."""

import json
from typing import Any

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import ALPHANUMERIC, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
"""By which an importer knows the format."""


class PostmanKind(CredentialKind):
    """A collection (Postman Collection Format 2.1.0) of requests with a key."""

    name = "postman"
    title = "Postman collection"
    summary = "A Postman collection with a key that fires when one of its requests is sent."
    service = "API"
    planting = (
        "Put it where developers keep such files: a repository, a wiki, a chat about an API, a "
        "download folder.",
        "It fires when a request of it is sent, by Postman, newman or any program that imported "
        "it, and the key that was sent is in the trip. The answer is that the key is not good.",
        "Importing or reading the file does not fire.",
    )
    proof = proven("newman")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the collection."""
        draw = Draw(token, site, "postman")
        project = draw.one(PROJECTS)
        base, key = (
            draw.one(("baseUrl", "base_url", "host", "url")),
            draw.one(("apiKey", "api_key", "key", "bearer")),
        )
        secret = draw.text(ALPHANUMERIC, draw.number(32, 48))
        roles = draw.shuffled(ROLES)[: draw.number(2, 5)]
        title = f"{project.title()} {draw.one(('API', 'Internal', 'Backend', 'Admin API'))}"
        collection = {
            "info": {
                "_postman_id": draw.uuid(),
                "name": title,
                "schema": _SCHEMA,
            },
            "item": [_request(draw, role, base, key) for role in roles],
            "variable": [
                {"key": base, "value": f"{site.origin(token.id)}/{draw.one(('api', 'v1', 'v2'))}"},
                {"key": key, "value": secret},
            ],
        }
        text = json.dumps(collection, indent=draw.one(("\t", "  ")))
        return [
            Artefact(
                "collection",
                "Collection",
                text,
                "application/json",
                f"{title}.postman_collection.json",
            )
        ]

    def answer(self, token: Token, site: Site) -> Answer | None:
        """Return that the key is not good."""
        draw = Draw(token, site, "postman answer")
        key = draw.one(("message", "error", "detail"))
        said = draw.one(("Unauthorized", "Key expired", "Invalid API key", "Not authorized"))
        return Answer(
            status=401,
            headers=(("Content-Type", "application/json"), ("WWW-Authenticate", "Bearer")),
            body=json.dumps({key: said}).encode(),
        )


def _request(draw: Draw, role: str, base: str, key: str) -> dict[str, Any]:
    word = draw.one(("List", "Get", "All", "Find", "Show"))
    return {
        "name": f"{word} {role}",
        "request": {
            "method": "GET",
            "header": [{"key": "Authorization", "value": f"Bearer {{{{{key}}}}}"}],
            "url": {
                "raw": f"{{{{{base}}}}}/{role}",
                "host": [f"{{{{{base}}}}}"],
                "path": [role],
            },
        },
        "response": [],
    }


KIND = PostmanKind()
