"""A git repository with a password: in a clone's configuration, and as a credential store."""

from serinus.model.answer import Answer
from serinus.tokens.challenges import ask_apache, ask_gitea
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_GITLAB = Answer(
    401,
    (
        ("WWW-Authenticate", 'Basic realm="GitLab"'),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Cache-Control", "no-cache"),
    ),
    b"HTTP Basic: Access denied\n",
)
_REALMS = ("Git", "Git repositories", "Git access", "Restricted", "Private repositories")


class GitKind(CredentialKind):
    """A remote whose server asks for the password that stands beside it."""

    name = "git"
    title = "Git remote"
    service = "git"
    summary = (
        "A git repository with its password; fires when it is cloned, fetched from or pushed to."
    )
    planting = (
        "Put the configuration into .git/config of a clone, the URL into a script, a CI job or a "
        "wiki, the stored credential into ~/.git-credentials, the submodule into .gitmodules of a "
        "repository that others clone.",
        "clone, fetch, pull, push, ls-remote and submodule update fire it. git asks without the "
        "password first and sends it when the server asks, so that an alarm says whether it was "
        "used. status, log, diff and all else that stays on the host do not fire it. The stored "
        "credential and the submodule fire when somebody fetches from that very host.",
        "The server answers that the password is wrong, as it would after a change of it.",
    )
    proof = proven("git")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL, a clone's configuration, the stored credential and the submodule."""
        draw = Draw(token, site, "git")
        account, password = draw.account(), draw.password()
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        repository = draw.one((f"{project}-{role}", project, f"{role}-{project}", f"{role}-tools"))
        owner = draw.one((draw.one(PROJECTS), draw.one(ROLES), account))
        path = f"/{owner}/{repository}.git"
        signed_in = site.origin(token.id, f"{account}:{password}")
        branch = draw.one(("main", "master", "develop"))
        config = (
            "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
            "\tlogallrefupdates = true\n"
            f'[remote "origin"]\n\turl = {signed_in}{path}\n'
            "\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
            f'[branch "{branch}"]\n\tremote = origin\n\tmerge = refs/heads/{branch}\n'
        )
        folder = draw.one(("vendor", "lib", "modules", "deps", "third_party", "external"))
        place = f"{folder}/{repository}"
        submodule = (
            f'[submodule "{place}"]\n\tpath = {place}\n\turl = {site.origin(token.id)}{path}\n'
        )
        return [
            Artefact("url", "URL with the password", signed_in + path),
            Artefact("config", "Configuration of a clone", config, file_name="config"),
            Artefact(
                "credentials", "Stored credential", signed_in + "\n", file_name=".git-credentials"
            ),
            Artefact("submodule", "Submodule", submodule, file_name=".gitmodules"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as one of three products does."""
        draw = Draw(token, site, "server")
        return draw.one((ask_gitea(), _GITLAB, ask_apache(draw.one(_REALMS))))


KIND = GitKind()
