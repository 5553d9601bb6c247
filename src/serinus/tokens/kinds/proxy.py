"""Settings of a web proxy: whatever goes out through it names where it wanted to go."""

from urllib.parse import urlsplit

from serinus.base.untrusted import readable
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.challenges import ask_apache
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.describe import SUMMARY_PART_MAX, shown
from serinus.tokens.drawing import ROLES, Draw
from serinus.tokens.kind import Artefact, Token, Trip, proven
from serinus.tokens.site import Site


class ProxyKind(CredentialKind):
    """A proxy that refuses everybody; its user name is the id, which it is known by.

    What is sent to a proxy names another host, so that the id has to come with the credential.
    """

    name = "proxy"
    title = "Web proxy"
    service = "proxy"
    summary = "Proxy settings with a login; fire on any request, and tell where it was to go."
    planting = (
        "Put the variables into a .env file or the profile of a decoy account, .curlrc and .wgetrc "
        "into its home directory.",
        "Every request of a program that follows them fires: curl, wget, git, pip, package "
        "managers, most tools. The alarm says which host was asked for; of a plain http request, "
        "all of it. Programs that do not read them, and ssh, do not fire it.",
        "The proxy is asked in plain HTTP, at port 80 or at the port of an http:// address of this "
        "installation; where nothing of it listens there, the lookup alone fires.",
        "Nothing is ever passed on: each request is refused. Where people work this breaks "
        "their programs, so plant it where nobody does.",
    )
    proof = proven("curl", "wget")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the variables, and the settings of curl and wget."""
        draw = Draw(token, site, "proxy")
        password = draw.password()
        place = _place(token, site)
        url, bare = f"http://{token.id}:{password}@{place}", f"http://{place}"
        direct = ",".join(draw.one((("localhost", "127.0.0.1"), ("localhost", "127.0.0.1", "::1"))))
        names = draw.one((("HTTP_PROXY", "HTTPS_PROXY"), ("http_proxy", "https_proxy")))
        lines = [f"{name}={url}" for name in names]
        lines.append(f"{'NO_PROXY' if names[0].isupper() else 'no_proxy'}={direct}")
        curlrc = f'proxy = "{bare}"\nproxy-user = "{token.id}:{password}"\n'
        wgetrc = (
            f"use_proxy = on\nhttp_proxy = {bare}\nhttps_proxy = {bare}\n"
            f"proxy_user = {token.id}\nproxy_password = {password}\n"
        )
        return [
            Artefact("env", "Variables", "\n".join(lines) + "\n", file_name=".env"),
            Artefact("curlrc", "Settings of curl", curlrc, file_name=".curlrc"),
            Artefact("wgetrc", "Settings of wget", wgetrc, file_name=".wgetrc"),
        ]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the use, with where the request was to go."""
        trip = super().interpret(touch, token)
        method, target = touch.detail.get("method"), shown(touch.detail.get("target"))
        through = touch.channel == "http" and (method == "CONNECT" or "://" in target)
        if trip is None or not through:
            return trip
        goal = readable(target, SUMMARY_PART_MAX)
        return Trip(f"{trip.summary} to reach {goal}", (("Destination", target), *trip.facts))

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for another password, whatever is asked: nothing is ever passed on."""
        draw = Draw(token, site, "realm")
        realm = draw.one(("Proxy", "Web proxy", "Internet access", f"{draw.one(ROLES)} proxy"))
        return ask_apache(realm, 407)


def _place(token: Token, site: Site) -> str:
    """Return host and port for plain HTTP: few programs speak TLS to a proxy.

    The port is always written, because programs differ in what a proxy without one has.
    """
    port = urlsplit(site.url_base).port if site.scheme == "http" else None
    return f"{site.hostname(token.id)}:{port or 80}"


KIND = ProxyKind()
