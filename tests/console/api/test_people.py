from console.api.client import APIClient, read
from serinus.console.models import APIKey, User


def test_a_key_is_shown_once_works_and_ends(
    colleague_api: APIClient, stranger_api: APIClient
) -> None:
    read(stranger_api.post("keys", {"name": "x"}), 401)
    made = read(colleague_api.post("keys", {"name": "the SIEM"}), 201)
    client = APIClient(made["key"])
    listed = read(client.get("keys"))["items"]
    assert [key["name"] for key in listed] == ["the SIEM", "colleague's"]
    assert made["key"] not in str(listed) and listed[0]["created_by"] == "casper"
    assert not APIKey.objects.filter(hash=made["key"]).exists()
    assert colleague_api.ask("DELETE", f"keys/{made['id']}").status_code == 204
    read(client.get("keys"), 401)
    read(colleague_api.ask("DELETE", f"keys/{made['id']}"), 404)


def test_a_colleague_neither_sees_nor_ends_the_keys_of_others(
    owner_api: APIClient, colleague_api: APIClient, operator_api: APIClient
) -> None:
    operators = read(operator_api.post("keys", {"name": "o"}), 201)
    owners = read(owner_api.post("keys", {"name": "x"}), 201)
    assert len(read(colleague_api.get("keys"))["items"]) == 1
    for made in (operators, owners):
        read(colleague_api.ask("DELETE", f"keys/{made['id']}"), 404)
        assert owner_api.ask("DELETE", f"keys/{made['id']}").status_code == 204


def test_a_key_needs_a_name(owner_api: APIClient) -> None:
    for name in ("", " ", "x" * 201, "a\nb"):
        assert read(owner_api.post("keys", {"name": name}), 422)["field"] == "name"


def test_an_invitation_is_a_link(owner_api: APIClient) -> None:
    found = read(owner_api.post("invitations", {"role": "colleague"}), 201)
    assert found.keys() == {"link"}
    assert found["link"].startswith("http://127.0.0.1:8000/invitation/")
    assert read(owner_api.post("invitations", {"role": "king"}), 422)["field"] == "role"


def test_an_owner_changes_people_and_one_owner_stays(
    owner: User, colleague: User, owner_api: APIClient
) -> None:
    found = read(owner_api.get("people"))["items"]
    assert [(p["username"], p["role"]) for p in found] == [
        ("casper", "colleague"),
        ("olivia", "owner"),
    ]
    assert "password" not in str(found)
    last = f"people/{owner.pk}"
    for given in ({"role": "colleague"}, {"active": False}):
        assert "One owner has to stay" in read(owner_api.patch(last, given), 422)["detail"]
    assert read(owner_api.patch(f"people/{colleague.pk}", {"role": "owner"}))["role"] == "owner"
    assert read(owner_api.patch(last, {"active": False}))["active"] is False
    read(owner_api.get("people"), 401)


def test_who_is_not_there_cannot_be_changed(owner_api: APIClient) -> None:
    read(owner_api.patch("people/999", {"active": False}), 404)
    assert read(owner_api.patch("people/999", {"password": "x"}), 422)["field"] == "password"
