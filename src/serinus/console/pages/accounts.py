"""Accounts: how allauth behaves here, and which of its pages there are."""

from ipaddress import ip_address, ip_network

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import include, path

FORWARDED = "HTTP_X_FORWARDED_FOR"
PREFIX_LENGTH = 64
"""Bits of an IPv6 address that its network chose, not its machine (RFC 4291 §2.5.4)."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves, and limits count the client, not the proxy before us."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say no: people come by an owner's link."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address, from X-Forwarded-For where a trusted proxy added it.

        Of IPv6 it is the address of the /64, all of which one machine may use.
        """
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if settings.INSTANCE.console_url and _is_trusted(peer):
            last = str(request.META.get(FORWARDED, "")).rpartition(",")[2].strip()
            return _counted(last) if _is_address(last) else peer
        return _counted(peer) if _is_address(peer) else peer


urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]


def _counted(address: str) -> str:
    found = ip_address(address)
    if found.version == 4 or found.ipv4_mapped is not None:
        return str(found)
    return str(ip_network((int(found), PREFIX_LENGTH), strict=False).network_address)


def _is_trusted(peer: str) -> bool:
    return _is_address(peer) and any(
        ip_address(peer) in ip_network(network, strict=False)
        for network in settings.INSTANCE.trusted_proxy
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
