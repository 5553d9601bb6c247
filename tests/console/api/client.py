"""Speaks to the API as its clients do."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client

from serinus.base.ids import TokenId
from serinus.console.actions.recording import record_touches
from serinus.model.touch import Touch
from serinus.tokens.kind import Trip

Response = Any
"""What Django's test client gives: its type, which also reads JSON, has no public name."""


@dataclass(frozen=True)
class APIClient:
    """Speaks JSON with a key, or without one."""

    key: str | None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        client = Client(SERVER_NAME="localhost", headers=headers)
        content = b"" if body is None else json.dumps(body).encode()
        media_type = "application/json" if content else ""
        return client.generic(method, f"/api/{path}", content, media_type)

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Response:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any) -> Response:
        return self.ask("PATCH", path, body)

    def mint(self, memo: str = "the wiki", kind: str = "web", **options: Any) -> Any:
        given = {"kind": kind, "memo": memo, "options": options}
        return read(self.post("tokens", given), 201)


def read(response: Response, status: int = 200) -> Any:
    """Return the JSON value of a response with this status."""
    assert response.status_code == status, response.content
    found: Any = response.json()
    if status >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert found["status"] == status and found["detail"].endswith(".") and found["title"]
    return found


def trip(token_id: str, now: datetime, name: str = "1", source: str = "192.0.2.1") -> int:
    """Record a touch, and return the number of its incident."""
    touch = Touch(
        name, now.timestamp(), "http", "tcp", source, 4711, (TokenId(token_id),), {"line": "GET /"}
    )
    found = record_touches(
        [(1, touch)], lambda t, row: Trip(f"GET for /x of {row.memo}", (("Host", "a"),)), now
    )
    return (found.opened + found.joined)[0]
