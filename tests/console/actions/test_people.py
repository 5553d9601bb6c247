import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import connection

from serinus.base.errors import OperatorError
from serinus.console.actions import people
from serinus.console.deployment import load_deployment
from serinus.console.models import APIKey, Invitation, User

PASSWORD = "correct horse battery"


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all at the same time; return what each gave, or the OperatorError that it raised."""
    barrier, found = threading.Barrier(len(works)), list[object]()

    def run(work: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            found.append(work())
        except OperatorError as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_the_first_owner_enters_by_the_setup_link(now: datetime) -> None:
    assert not people.has_owner()
    old = people.make_setup_link(now)
    secret = people.make_setup_link(now)
    with pytest.raises(OperatorError):
        people.accept_invitation(old, "olivia", PASSWORD, now)
    user = people.accept_invitation(secret, " olivia ", PASSWORD, now)
    assert (user.username, user.role) == ("olivia", "owner") and people.has_owner()
    assert authenticate(username="olivia", password=PASSWORD) == user
    with pytest.raises(OperatorError):
        people.make_setup_link(now)


def test_only_the_hash_of_a_link_is_kept(now: datetime) -> None:
    secret = people.make_setup_link(now)
    assert len(secret) >= 43 and secret not in str(Invitation.objects.values())


def test_a_link_works_once_and_for_a_day(owner: User, now: datetime) -> None:
    secret = people.invite("colleague", owner, now)
    assert people.find_invitation(secret, now).role == "colleague"
    for token, at in (
        (secret, now + timedelta(days=1)),
        (secret[:-1], now),
        ("", now),
        ("x" * 10_000, now),
        ("\ud800", now),
    ):
        with pytest.raises(OperatorError) as caught:
            people.find_invitation(token, at)
        assert caught.value.field == "token"
    people.accept_invitation(secret, "casper", PASSWORD, now)
    with pytest.raises(OperatorError):
        people.accept_invitation(secret, "second", PASSWORD, now)
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", PASSWORD, "username"),
        ("x" * 151, PASSWORD, "username"),
        ("a b", PASSWORD, "username"),
        ("OLIVIA", PASSWORD, "username"),
        ("casper", "short", "password"),
        ("casper", "passwordpassword"[:8], "password"),
        ("casper", "x" * 1025, "password"),
        ("casper", "\ud800" * 12, "password"),
        ("caspercasper", "caspercasper", "password"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_a_wrong_account_is_refused_and_the_link_stays_good(
    name: str, password: str, field: str, owner: User, now: datetime
) -> None:
    secret = people.invite("colleague", owner, now)
    with pytest.raises(OperatorError) as caught:
        people.accept_invitation(secret, name, password, now)
    assert caught.value.field == field and User.objects.count() == 1
    assert people.find_invitation(secret, now)


def test_of_two_who_use_one_link_at_once_one_enters(owner: User, now: datetime) -> None:
    secret = people.invite("owner", owner, now)
    found = at_once(
        lambda: people.accept_invitation(secret, "anna", PASSWORD, now),
        lambda: people.accept_invitation(secret, "bert", PASSWORD, now),
    )
    assert sorted(type(one).__name__ for one in found) == ["OperatorError", "User"]
    assert User.objects.count() == 2


def test_one_owner_stays_though_two_shut_out_each_other_at_once(owner: User) -> None:
    other = User.objects.create_user("oscar", role="owner")
    found = at_once(
        lambda: people.change_person(owner.pk, other, active=False),
        lambda: people.change_person(other.pk, owner, role="colleague"),
    )
    assert sum(isinstance(one, OperatorError) for one in found) == 1
    assert User.objects.filter(role="owner", is_active=True).count() == 1


def test_a_role_that_is_none_is_refused(owner: User, now: datetime) -> None:
    with pytest.raises(OperatorError):
        people.invite("king", owner, now)
    with pytest.raises(OperatorError):
        people.change_person(owner.pk, None, role="king")


def test_a_key_is_found_by_its_secret_until_it_is_revoked(owner: User, now: datetime) -> None:
    row, secret = people.make_api_key("x", owner, now)
    assert secret.startswith("serinus_") and people.find_api_key(secret) == row
    assert secret not in str(APIKey.objects.values())
    assert people.find_api_key(secret[:-1]) is None and people.find_api_key("\ud800") is None
    people.revoke_api_key(row.pk, owner)
    assert people.find_api_key(secret) is None
    with pytest.raises(APIKey.DoesNotExist):
        people.revoke_api_key(row.pk, owner)


def test_the_operators_keys_need_no_account(now: datetime) -> None:
    row, secret = people.make_api_key("x", None, now)
    assert people.find_api_key(secret) == row and row.created_by is None


def test_the_operator_key_is_the_one_in_the_folder() -> None:
    path = load_deployment().folder.operator_key
    key = path.read_text()
    assert people.is_operator_key(key)
    for wrong in ("", key[:-1], key + "x", key.upper(), "\ud800"):
        assert not people.is_operator_key(wrong)
    moved = path.rename(path.with_name("moved"))
    try:
        assert not people.is_operator_key(key) and not people.is_operator_key("")
    finally:
        moved.rename(path)


def test_the_open_invitations_of_an_owner_who_is_one_no_longer_end(
    owner: User, colleague: User, now: datetime
) -> None:
    other = User.objects.create_user("mallory", password=PASSWORD, role="owner")
    for change in ({"active": False}, {"role": "colleague"}):
        people.change_person(other.pk, owner, role="owner", active=True)
        secret = people.invite("owner", other, now)
        people.change_person(colleague.pk, owner, active=False)
        people.find_invitation(secret, now)
        people.change_person(other.pk, owner, **change)
        with pytest.raises(OperatorError):
            people.accept_invitation(secret, "mallory2", PASSWORD, now)
