import base64
from datetime import datetime
from typing import Any

import pytest

from console.api.client import APIClient, read
from serinus.base.ids import TokenId
from serinus.console.deployment import load_deployment
from serinus.console.models import Destination, Token
from serinus.ledger.answers import AnswersReader
from serinus.tokens.catalogue import KINDS


def answer_of(token_id: str) -> Any:
    reader = AnswersReader(load_deployment().folder.answers)
    try:
        return reader.get(TokenId(token_id))
    finally:
        reader.close()


def test_every_kind_is_listed_with_its_options(colleague_api: APIClient) -> None:
    found = read(colleague_api.get("kinds"))["items"]
    assert [kind["name"] for kind in found] == [kind.name for kind in KINDS]
    target = next(kind for kind in found if kind["name"] == "redirect")["options"][0]
    assert target["name"] == "target" and target["required"] and target["type"] == "text"


def test_a_token_is_minted_shown_and_answers(
    colleague_api: APIClient, owner_api: APIClient
) -> None:
    token = colleague_api.mint("the wiki", "redirect", target="https://www.example.com/")
    assert token["url"].split("/")[4] == token["id"]
    assert token["hostname"] == f"{token['id']}.files.example"
    assert {"curl", "dig"} <= token["trip"].keys() and token["trip"]["curl"]
    assert read(owner_api.get(f"tokens/{token['id'].upper()}")) == token
    assert answer_of(token["id"]).status == 302
    row = Token.objects.get(token_id=token["id"])
    assert row.created_by is not None and row.created_by.username == "casper"


def test_snippets_are_given_to_those_who_have_a_key(
    owner_api: APIClient, colleague_api: APIClient, stranger_api: APIClient
) -> None:
    token = owner_api.mint("a script", "web")
    path = f"tokens/{token['id']}/carry"
    found = read(colleague_api.get(path))["items"]
    assert read(owner_api.get(path))["items"] == found
    read(stranger_api.get(path), 401)
    read(owner_api.get("tokens/nothing/carry"), 404)
    assert {(s["name"], s["via"]) for s in found} >= {("curl", "http"), ("dig", "dns")}
    for snippet in found:
        assert token["id"] in snippet["text"]
        assert snippet["via"] == "http" or token["hostname"] in snippet["text"]
        assert snippet["name"] != "curl" or token["url"] in snippet["text"]


def test_a_token_without_a_url_carries_by_its_name(owner_api: APIClient) -> None:
    token = owner_api.mint("a script", "dns")
    found = read(owner_api.get(f"tokens/{token['id']}/carry"))["items"]
    (curl,) = [snippet for snippet in found if snippet["name"] == "curl"]
    assert f"://{token['hostname']}" in curl["text"]


def test_a_strangers_request_mints_nothing(stranger_api: APIClient) -> None:
    read(stranger_api.post("tokens", {"kind": "web", "memo": "x"}), 401)
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "kind"),
        ({"kind": "web"}, "memo"),
        ({"kind": "web", "memo": ""}, "memo"),
        ({"kind": "web", "memo": "x" * 2001}, "memo"),
        ({"kind": "web", "memo": "a\x00b"}, "memo"),
        ({"kind": "web", "memo": "\ud800"}, "memo"),
        ({"kind": "web", "memo": 5}, "memo"),
        ({"kind": "nothing", "memo": "x"}, "kind"),
        ({"kind": "web", "memo": "x", "other": 1}, "other"),
        ({"kind": "web", "memo": "x", "options": {"target": "y"}}, "target"),
        ({"kind": "web", "memo": "x", "options": {"body": "%"}}, "body"),
        ({"kind": "web", "memo": "x", "options": {"surface": {"size": 1}}}, "surface"),
        ({"kind": "redirect", "memo": "x"}, "target"),
        ({"kind": "redirect", "memo": "x", "options": {"target": "ftp://x"}}, "target"),
        ({"kind": "web", "memo": "x", "destinations": [99]}, "destinations"),
        ({"kind": "web", "memo": "x", "destinations": [0]}, "destinations.0"),
        ({"kind": "web", "memo": "x", "destinations": [2**63]}, "destinations.0"),
        ({"kind": "web", "memo": "x", "destinations": "1"}, "destinations"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_and_mints_nothing(
    given: dict[str, Any], field: str, operator_api: APIClient
) -> None:
    assert read(operator_api.post("tokens", given), 422)["field"] == field
    found = read(operator_api.post("tokens/bulk", {"tokens": [given]}), 422)
    assert found["field"] == f"tokens.0.{field}" or field == "destinations"
    assert not Token.objects.exists()


def test_a_thousand_tokens_are_minted_at_once_and_no_more(operator_api: APIClient) -> None:
    new = [{"kind": "web", "memo": f"share {number}"} for number in range(1000)]
    found = read(operator_api.post("tokens/bulk", {"tokens": new}), 201)["items"]
    assert [token["memo"] for token in found] == [token["memo"] for token in new]
    assert Token.objects.count() == 1000
    assert read(operator_api.post("tokens/bulk", {"tokens": [*new, new[0]]}), 422)["field"] == (
        "tokens"
    )
    assert read(operator_api.post("tokens/bulk", {"tokens": []}), 422)["field"] == "tokens"
    assert Token.objects.count() == 1000


def test_one_wrong_token_of_many_mints_none(operator_api: APIClient) -> None:
    new = [{"kind": "web", "memo": "good"}, {"kind": "web", "memo": "\x07"}]
    assert read(operator_api.post("tokens/bulk", {"tokens": new}), 422)["field"] == "tokens.1.memo"
    assert not Token.objects.exists()


def test_pages_hold_every_token_once_though_more_are_minted(operator_api: APIClient) -> None:
    ids = [operator_api.mint(f"n {number}")["id"] for number in range(5)]
    seen, cursor = [], ""
    while True:
        page = read(operator_api.get(f"tokens?limit=2{cursor}"))
        seen += [token["id"] for token in page["items"]]
        operator_api.mint("later")
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=" + "9" * 19, "cursor"),
        ("state=gone", "state"),
        ("text=" + "x" * 501, "text"),
    ],
)
def test_a_wrong_query_is_named(query: str, field: str, operator_api: APIClient) -> None:
    assert read(operator_api.get(f"tokens?{query}"), 422)["field"] == field


def test_lists_are_searched_and_filtered(operator_api: APIClient) -> None:
    web = operator_api.mint("finance share")["id"]
    dns = operator_api.mint("payroll laptop", "dns")["id"]

    def ids(query: str) -> list[str]:
        return [t["id"] for t in read(operator_api.get(f"tokens?{query}"))["items"]]

    assert ids("text=fin") == [web] and ids("kind=dns") == [dns] and ids("limit=500") == [dns, web]
    read(operator_api.patch(f"tokens/{dns}", {"enabled": False}))
    assert ids("state=disabled") == [dns] and ids("state=enabled") == [web]


def test_a_change_changes_what_is_given_and_nothing_else(colleague_api: APIClient) -> None:
    where = Destination.objects.create(kind="webhook", name="one")
    before = colleague_api.mint()
    path = f"tokens/{before['id']}"
    changes: list[dict[str, Any]] = [
        {},
        {"memo": "another place"},
        {"enabled": False},
        {"destinations": [where.pk]},
        {"destinations": []},
    ]
    for given in changes:
        after = read(colleague_api.patch(path, given))
        assert after == {**before, **given}
        before = after


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"memo": ""}, "memo"),
        ({"enabled": "no"}, "enabled"),
        ({"kind": "dns"}, "kind"),
        ({"destinations": [77]}, "destinations"),
    ],
    ids=str,
)
def test_a_wrong_change_changes_nothing(
    given: dict[str, Any], field: str, operator_api: APIClient
) -> None:
    token = operator_api.mint()
    assert read(operator_api.patch(f"tokens/{token['id']}", given), 422)["field"] == field
    both = {**given, "memo": given.get("memo", "changed")}
    read(operator_api.patch(f"tokens/{token['id']}", both), 422)
    assert read(operator_api.get(f"tokens/{token['id']}")) == token


def test_a_deleted_token_still_answers_and_can_be_taken_back(operator_api: APIClient) -> None:
    token = operator_api.mint("x", "redirect", target="https://www.example.com/")
    path = f"tokens/{token['id']}"
    assert read(operator_api.ask("DELETE", path)) == {**token, "deleted": True}
    assert read(operator_api.get("tokens"))["items"] == []
    assert len(read(operator_api.get("tokens?state=deleted"))["items"]) == 1
    assert answer_of(token["id"]).status == 302
    assert "undelete" in read(operator_api.patch(path, {"memo": "y"}), 409)["detail"]
    assert read(operator_api.post(f"{path}/undelete")) == token


def test_artefacts_are_downloaded_whole(operator_api: APIClient) -> None:
    content = bytes(range(256)) * 10
    token = operator_api.mint(
        surface="file", body=base64.b64encode(content).decode(), file_name="Plan é.pdf"
    )
    assert token["options"]["body"] == {"size": 2560} and "Plan%20%C3%A9.pdf" in token["url"]
    response = operator_api.get(f"tokens/{token['id']}/artefacts/url")
    assert response.content.decode() == token["url"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="url.txt"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert answer_of(token["id"]).body == content
    read(operator_api.get(f"tokens/{token['id']}/artefacts/other"), 404)


def test_a_token_that_cannot_be_read_hides_no_other(operator_api: APIClient, now: datetime) -> None:
    good = operator_api.mint()
    bad = operator_api.mint("y")
    Token.objects.filter(token_id=bad["id"]).update(kind="gone", options={"password": "x"})
    found = read(operator_api.get("tokens"))["items"]
    assert [token["id"] for token in found] == [bad["id"], good["id"]]
    assert found[0]["artefacts"] == [] and found[0]["options"]["password"] != "x"
