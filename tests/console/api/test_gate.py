from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from console.api.client import APIClient, read
from serinus.console.actions import people
from serinus.console.api import API
from serinus.console.api.openapi import describe_api
from serinus.console.models import APIKey, User

OPERATIONS = [
    (method.upper(), path.removeprefix("/api/"), operation["operationId"])
    for path, operations in describe_api(API)["paths"].items()
    for method, operation in operations.items()
]
OWNERS = {
    "invite_person",
    "list_people",
    "change_person",
    "change_preferences",
    "set_challenge",
}


def fill(path: str) -> str:
    return path.replace("{number}", "99").replace("{token_id}", "x").replace("{name}", "x")


def test_a_stranger_gets_401_everywhere(stranger_api: APIClient, owner: User) -> None:
    for method, path, _ in OPERATIONS:
        for client in (stranger_api, APIClient("serinus_wrong"), APIClient("")):
            response = client.ask(method, fill(path), {})
            assert read(response, 401)["field"] is None
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_stranger_cannot_tell_what_there_is(stranger_api: APIClient) -> None:
    found = {
        stranger_api.ask(method, path).content
        for method in ("GET", "POST", "PUT", "OPTIONS", "TRACE", "DELETE")
        for path in ("", "nothing", "tokens", "tokens/bulk", "openapi.json", "docs", "x/y/z")
    }
    assert len(found) == 1 and b"401" in found.pop()


def test_a_colleague_may_do_all_but_what_is_an_owners(
    colleague_api: APIClient, owner: User
) -> None:
    for method, path, name in OPERATIONS:
        body: Any = {} if method != "GET" else None
        status = colleague_api.ask(method, fill(path), body).status_code
        assert (status == 403) == (name in OWNERS), (name, status)
        assert status not in (401, 500), (name, status)


def test_an_owner_and_the_operator_may_do_what_is_an_owners(
    owner_api: APIClient, operator_api: APIClient
) -> None:
    for client in (owner_api, operator_api):
        assert "link" in read(client.post("invitations", {"role": "colleague"}), 201)
        assert len(read(client.get("people"))["items"]) == 1


def test_the_operator_needs_no_account(operator_api: APIClient) -> None:
    assert not User.objects.exists()
    token = operator_api.mint()
    assert read(operator_api.get(f"tokens/{token['id']}"))["memo"] == "the wiki"


def test_a_session_reads_and_needs_a_csrf_token_to_change(owner: User) -> None:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.get("/api/tokens").status_code == 200
    body = {"kind": "web", "memo": "x"}
    refused = client.post("/api/tokens", body, content_type="application/json")
    assert read(refused, 403)["detail"].count("X-CSRFToken") == 1
    client.get("/tokens/new?kind=web")
    secret = client.cookies["csrftoken"].value
    taken = client.post(
        "/api/tokens", body, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert taken.status_code == 201


def test_a_wrong_key_is_refused_though_the_session_is_good(owners_browser: Client) -> None:
    response = owners_browser.get("/api/tokens", headers={"Authorization": "Bearer no"})
    assert response.status_code == 401
    other = owners_browser.get("/api/tokens", headers={"Authorization": "Basic eDp5"})
    assert other.status_code == 200


def test_the_keys_and_sessions_of_who_is_shut_out_stop(
    owner: User, colleague: User, colleague_api: APIClient, colleagues_browser: Client
) -> None:
    assert colleague_api.get("tokens").status_code == 200
    people.change_person(colleague.pk, owner, active=False)
    assert colleague_api.get("tokens").status_code == 401
    assert colleagues_browser.get("/api/tokens").status_code == 401
    people.change_person(colleague.pk, owner, active=True)
    assert colleague_api.get("tokens").status_code == 200


def test_a_key_may_do_what_its_maker_may_now(
    owner: User, colleague: User, colleague_api: APIClient
) -> None:
    assert colleague_api.get("people").status_code == 403
    people.change_person(colleague.pk, owner, role="owner")
    assert colleague_api.get("people").status_code == 200


def test_the_use_of_a_key_is_noted_to_the_minute(owner: User) -> None:
    row, secret = people.make_api_key("x", owner, timezone.now())
    APIClient(secret).get("tokens")
    first = APIKey.objects.get(pk=row.pk).last_used_at
    APIClient(secret).get("tokens")
    assert first is not None and APIKey.objects.get(pk=row.pk).last_used_at == first
    people.note_key_use(APIKey.objects.get(pk=row.pk), first + timedelta(minutes=1))
    assert APIKey.objects.get(pk=row.pk).last_used_at == first + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"kind=web", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"memo": NaN}', "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b'"' + b"x" * (28 * 1024 * 1024) + b'"', "application/json", 413),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_body_of_the_wrong_size_or_form_is_a_problem(
    body: bytes, media_type: str, status: int, operator_api: APIClient
) -> None:
    client = Client(
        SERVER_NAME="localhost", headers={"Authorization": f"Bearer {operator_api.key}"}
    )
    read(client.post("/api/tokens", body, content_type=media_type), status)


def test_an_unknown_address_or_method_is_a_problem(operator_api: APIClient) -> None:
    for path in ("", "nothing", "tokens/", "incidents/x", "incidents/-1", "incidents/" + "9" * 30):
        read(operator_api.get(path), 404)
    response = operator_api.ask("DELETE", "tokens")
    assert "GET, POST" in read(response, 405)["detail"]
    assert response.headers["Allow"] == "GET, POST"


def test_a_defect_is_told_by_its_number_and_nothing_else(
    operator_api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("serinus.console.api.deployment.describe_health", fail)
    found = read(operator_api.get("health"), 500)
    assert "secret" not in str(found) and "Traceback" not in str(found)
    assert found["instance"].startswith("urn:uuid:") and found["instance"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
