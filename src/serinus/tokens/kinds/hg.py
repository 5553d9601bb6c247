"""A Mercurial repository and its password, in `hgrc`."""

from serinus.model.answer import Answer
from serinus.tokens.challenges import ask_apache
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_REALMS = ("Mercurial", "Mercurial repositories", "hg", "hgweb", "Mercurial Repository")


class HgKind(CredentialKind):
    """A clone's default path, and the login for it."""

    name = "hg"
    title = "Mercurial repository"
    service = "Mercurial"
    summary = "A Mercurial repository with its password; fires on clone, pull, push, incoming."
    planting = (
        "Put the file into .hg/hgrc of a clone, or the auth section into ~/.hgrc and the URL into "
        "a script.",
        "clone, pull, push, incoming and outgoing fire it: first without the password, then with "
        "it. status and log stay on the host and do not fire.",
    )
    proof = proven("hg")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the clone's configuration, and the URL."""
        draw = Draw(token, site, "hg")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        folder = draw.one(("hg", "repos", "hg/repos", role))
        url = f"{site.origin(token.id)}/{folder}/{draw.one((project, f'{project}-{role}'))}"
        name = draw.one((project, role, "default", "main"))
        text = (
            f"[paths]\ndefault = {url}\n\n[auth]\n{name}.prefix = {site.authority(token.id)}\n"
            f"{name}.username = {draw.account()}\n{name}.password = {draw.password()}\n"
        )
        if site.scheme == "http":
            # Without it, hg sends a password over TLS alone.
            text += f"{name}.schemes = http\n"
        return [
            Artefact("hgrc", "Configuration of a clone", text, file_name="hgrc"),
            Artefact("url", "URL", url),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as a server in front of hgweb does."""
        return ask_apache(Draw(token, site, "realm").one(_REALMS))


KIND = HgKind()
