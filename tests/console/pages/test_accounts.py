import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from serinus.console.models import User
from serinus.console.pages.accounts import AccountAdapter

PASSWORD = "a long enough passphrase"
TOTP_STEP_S = 30


@pytest.fixture(autouse=True)
def no_limits_left_over() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(browser: Client, password: str = PASSWORD) -> str:
    """Sign in as the owner; return where it leads, or ""."""
    form = {"login": "olivia", "password": password}
    return str(browser.post("/accounts/login/", form).headers.get("Location", ""))


def sign_in_and_confirm(browser: Client) -> None:
    """Sign in, and give the password again, as what protects the account asks for."""
    sign_in(browser)
    found = browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert found.status_code == 302


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_STEP_S)))


def test_people_sign_in_and_out(owner: User, strangers_browser: Client) -> None:
    assert sign_in(strangers_browser) == "/"
    assert strangers_browser.get("/").status_code == 200
    strangers_browser.post("/accounts/logout/")
    assert strangers_browser.get("/").status_code == 302


def test_cookies_are_hidden_from_scripts(owner: User, strangers_browser: Client) -> None:
    strangers_browser.get("/accounts/login/")
    sign_in(strangers_browser)
    for name in ("sessionid", "csrftoken"):
        assert strangers_browser.cookies[name]["httponly"]
        assert strangers_browser.cookies[name]["samesite"] == "Lax"


def test_wrong_passwords_are_refused_and_soon_not_even_looked_at(
    owner: User, strangers_browser: Client
) -> None:
    for _ in range(6):
        assert sign_in(strangers_browser, "wrong") == ""
    assert sign_in(strangers_browser) == ""
    assert strangers_browser.get("/").status_code == 302


def test_whoever_is_shut_out_does_not_come_in(owner: User, strangers_browser: Client) -> None:
    owner.is_active = False
    owner.save()
    assert sign_in(strangers_browser) != "/"
    assert strangers_browser.get("/").status_code == 302


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
def test_nobody_signs_up_or_resets_a_password_by_mail(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_password_is_changed_to_a_good_one_only(
    owner: User, owners_browser: Client, strangers_browser: Client
) -> None:
    path = "/accounts/password/change/"
    for new in ("short", "a whole new passphrase"):
        form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        owners_browser.post(path, form)
    assert sign_in(strangers_browser, "short") == ""
    assert sign_in(strangers_browser, "a whole new passphrase") == "/"


def test_a_second_factor_is_set_up_and_then_asked_for(
    owner: User, strangers_browser: Client
) -> None:
    sign_in_and_confirm(strangers_browser)
    shown = strangers_browser.get("/accounts/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in shown
    secret = re.search(r'value="([A-Z2-7]{32})"', shown)
    assert secret is not None
    strangers_browser.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])})
    recovery = strangers_browser.get("/accounts/2fa/recovery-codes/")
    assert recovery.status_code == 200
    cache.clear()
    other = Client(SERVER_NAME="localhost")
    assert sign_in(other) == "/accounts/2fa/authenticate/"
    assert other.get("/").status_code == 302
    assert other.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert other.post("/accounts/2fa/authenticate/", {"code": code(secret[1])}).status_code == 302
    assert other.get("/").status_code == 200


def test_a_security_key_is_offered(owner: User, strangers_browser: Client) -> None:
    sign_in_and_confirm(strangers_browser)
    shown = strangers_browser.get("/accounts/2fa/webauthn/add/").content.decode()
    for source in re.findall(r'<script src="([^"]+)"', shown):
        assert strangers_browser.get(source).status_code == 200
    assert "allauth.webauthn.forms.addForm" in shown


def test_the_clients_address_is_taken_from_a_trusted_proxy_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="x, 10.9.9.9")
    assert AccountAdapter().get_client_ip(request) == "192.0.2.1"
    instance = type(settings.INSTANCE)(
        console_url="https://console.example", trusted_proxy=("192.0.2.0/24",)
    )
    monkeypatch.setattr(settings, "INSTANCE", instance)
    assert AccountAdapter().get_client_ip(request) == "10.9.9.9"
    request.META["REMOTE_ADDR"] = "198.51.100.1"
    assert AccountAdapter().get_client_ip(request) == "198.51.100.1"


def test_limits_count_the_network_of_an_ipv6_client() -> None:
    def count(peer: str) -> str:
        return AccountAdapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR=peer))

    assert count("2001:db8:1:2::1") == count("2001:db8:1:2:ffff::7") == "2001:db8:1:2::"
    assert count("2001:db8:1:3::1") != count("2001:db8:1:2::1")
    assert count("::ffff:192.0.2.1") != count("::ffff:192.0.2.2")
    assert count("192.0.2.1") == "192.0.2.1"
    assert count("") == ""


def test_made_up_names_do_not_push_out_the_count_of_a_real_one(owner: User) -> None:
    def try_from(address: str, name: str, password: str) -> str:
        browser = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)
        form = {"login": name, "password": password}
        return str(browser.post("/accounts/login/", form).headers.get("Location", ""))

    for number in range(6):
        try_from(f"192.0.2.{number}", "olivia", "wrong")
    cache.set_many({f"made-up-{number}": 1 for number in range(3000)})
    assert try_from("192.0.2.99", "olivia", PASSWORD) == ""


def test_a_stranger_leaves_no_session_behind(strangers_browser: Client) -> None:
    for path in ("/", "/x", "/accounts/login/?next=/x", "/accounts/2fa/authenticate/", "/setup/x"):
        strangers_browser.get(path)
        strangers_browser.post(path, {"login": "x", "password": "y"})
    assert not Session.objects.exists()
