import re
from datetime import UTC, datetime

from django.test import Client

from serinus.console.actions.people import find_api_key, invite, make_api_key, make_setup_link
from serinus.console.actions.preferences import read_preferences
from serinus.console.models import APIKey, User
from serinus.console.models.people import Role

PASSWORD = "correct horse battery staple"


def test_the_first_link_makes_the_owner_and_signs_in(strangers_browser: Client) -> None:
    secret = make_setup_link(datetime.now(UTC))
    path = f"/setup/{secret}"
    assert "owner" in strangers_browser.get(path).content.decode()
    wrong = strangers_browser.post(path, {"username": "olivia", "password": "short"})
    assert wrong.status_code == 422
    assert "short" not in re.findall(r'value="([^"]*)"', wrong.content.decode())
    found = strangers_browser.post(path, {"username": "olivia", "password": PASSWORD})
    assert found.headers["Location"] == "/"
    assert User.objects.get().role == Role.OWNER
    assert strangers_browser.get("/").status_code == 200
    assert Client(SERVER_NAME="localhost").get(path).status_code == 404


def test_an_invitation_works_once(owners_browser: Client, strangers_browser: Client) -> None:
    shown = owners_browser.post("/settings/invitations", {"role": "colleague"}).content.decode()
    link = re.search(r"http://[^<]*(/invitation/[\w-]+)", shown)
    assert link is not None
    found = strangers_browser.post(link[1], {"username": "casper", "password": PASSWORD})
    assert found.status_code == 302
    assert User.objects.get(username="casper").role == Role.COLLEAGUE
    assert (
        Client(SERVER_NAME="localhost")
        .post(link[1], {"username": "eve", "password": PASSWORD})
        .status_code
        == 404
    )
    assert not User.objects.filter(username="eve").exists()


def test_a_link_of_long_ago_is_refused(strangers_browser: Client, owner: User) -> None:
    secret = invite("owner", owner, datetime(2020, 1, 1, tzinfo=UTC))
    assert strangers_browser.get(f"/invitation/{secret}").status_code == 404


def test_only_an_owner_changes_people_and_preferences(
    owner: User, colleague: User, owners_browser: Client, colleagues_browser: Client
) -> None:
    preferences = {"incident_window_s": "600", "digest_s": "600", "keep_touches_days": "7"}
    posts = (
        ("/settings/preferences", preferences),
        ("/settings/invitations", {"role": "owner"}),
        (f"/settings/people/{owner.pk}", {"role": "colleague"}),
    )
    for path, form in posts:
        assert colleagues_browser.post(path, form).status_code == 403
    shown = colleagues_browser.get("/settings").content.decode()
    assert "Preferences" not in shown
    assert "olivia" not in shown
    assert owners_browser.post("/settings/preferences", preferences).status_code == 302
    assert read_preferences().incident_window_s == 600
    owners_browser.post(f"/settings/people/{colleague.pk}", {"active": "no"})
    assert colleagues_browser.get("/").status_code == 302


def test_a_wrong_preference_names_its_bounds(owners_browser: Client) -> None:
    form = {"incident_window_s": "1", "digest_s": "600", "keep_touches_days": "7"}
    found = owners_browser.post("/settings/preferences", form)
    assert found.status_code == 422
    assert "whole number from 60" in found.content.decode()


def test_the_last_owner_stays(owner: User, owners_browser: Client) -> None:
    found = owners_browser.post(f"/settings/people/{owner.pk}", {"active": "no"})
    assert found.status_code == 422
    owner.refresh_from_db()
    assert owner.is_active


def test_a_key_is_shown_once_and_ends_when_it_is_revoked(colleagues_browser: Client) -> None:
    shown = colleagues_browser.post("/settings/keys", {"name": "SIEM"}).content.decode()
    secret = re.search(r"serinus_[\w-]+", shown)
    assert secret is not None
    assert secret[0] not in colleagues_browser.get("/settings").content.decode()
    row = find_api_key(secret[0])
    assert row is not None
    colleagues_browser.post(f"/settings/keys/{row.pk}/revoke")
    assert find_api_key(secret[0]) is None


def test_a_colleague_sees_and_ends_only_their_own_keys(
    owner: User, owners_browser: Client, colleagues_browser: Client
) -> None:
    row, _ = make_api_key("the owner's", owner, datetime.now(UTC))
    assert "the owner&#x27;s" not in colleagues_browser.get("/settings").content.decode()
    assert colleagues_browser.post(f"/settings/keys/{row.pk}/revoke").status_code == 404
    assert APIKey.objects.count() == 1
    assert owners_browser.post(f"/settings/keys/{row.pk}/revoke").status_code == 302
    assert APIKey.objects.count() == 0
    assert colleagues_browser.post("/settings/keys", {"name": ""}).status_code == 422
