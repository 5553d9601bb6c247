"""A package source of apt, and the password for it."""

from serinus.model.answer import Answer
from serinus.tokens.challenges import draw_package_server
from serinus.tokens.configs import draw_remark, written
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_SUITES = ("bookworm", "bullseye", "jammy", "noble", "stable", "trixie")


class AptKind(CredentialKind):
    """A source with its suite and components, and the login that belongs to its host."""

    name = "apt"
    title = "apt source"
    service = "apt"
    summary = "A package source with its password; fires when apt fetches its lists."
    planting = (
        "Put the source into /etc/apt/sources.list.d and the login into /etc/apt/auth.conf.d of an "
        "image, a backup or a repository that builds images, not of a host in use: there every "
        "nightly update would fire it.",
        "apt update, apt-get update and what runs them (builds of images, unattended upgrades) "
        "fire it, and send the password at once. A package that is installed from lists fetched "
        "before does not. apt then says that the source answers 401.",
    )
    proof = proven("apt-get")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the source and the login."""
        draw = Draw(token, site, "apt")
        name, suite = draw.one(PROJECTS), draw.one(_SUITES)
        path = draw_package_server(Draw(token, site, "server"), "debian").path
        url = f"{site.origin(token.id)}/{path}"
        components = draw.one(("main", f"main {name}", name))
        source = written(*draw_remark(draw), f"deb {url} {suite} {components}")
        # Without a scheme apt gives a login to https alone (apt_auth.conf(5)).
        machine = url if site.scheme == "http" else f"{site.authority(token.id)}/{path}"
        words = (f"machine {machine}", f"login {draw.account()}", f"password {draw.password()}")
        login = draw.one((" ", "\n")).join(words) + "\n"
        return [
            Artefact("list", "Package source", source, file_name=f"{name}.list"),
            Artefact("login", "Login", login, file_name=f"{name}.conf"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as a package server does."""
        return draw_package_server(Draw(token, site, "server"), "debian").asks


KIND = AptKind()
