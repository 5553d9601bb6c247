"""A Subversion repository, and the password for it as svn keeps it."""

from hashlib import md5
from urllib.parse import urlsplit

from serinus.model.answer import Answer
from serinus.tokens.challenges import ask_apache
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_REALMS = ("Subversion Repository", "Subversion", "SVN", "Subversion repositories", "SVN access")


class SvnKind(CredentialKind):
    """A repository whose realm the kept password belongs to."""

    name = "svn"
    title = "Subversion repository"
    service = "Subversion"
    summary = "A Subversion repository with its kept password; fires on checkout, update, list."
    planting = (
        "Put the URL into a script, a wiki or svn:externals of a repository that others check "
        "out, and the kept password, under the name it is given with, into "
        "~/.subversion/auth/svn.simple.",
        "checkout, update, list, info and log with the URL fire it. svn offers the kept password "
        "when the server asks, which it does. status and diff stay on the host and do not fire.",
    )
    proof = proven("svn")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL, the kept password, and the line of svn:externals."""
        draw = Draw(token, site, "svn")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        root = draw.one((f"svn/{project}", f"repos/{project}", f"svn/{role}/{project}", project))
        url = f"{site.origin(token.id)}/{root}/{draw.one(('trunk', f'branches/{role}', 'trunk'))}"
        account, password = draw.account(), draw.password()
        base = urlsplit(site.origin(token.id))
        port = base.port or (443 if base.scheme == "https" else 80)
        realm = f"<{base.scheme}://{base.hostname}:{port}> {_realm(token, site)}"
        kept = _write_hash(
            {
                "passtype": "simple",
                "password": password,
                "svn:realmstring": realm,
                "username": account,
            }
        )
        name = md5(realm.encode(), usedforsecurity=False).hexdigest()
        return [
            Artefact("url", "URL", url),
            Artefact("auth", "Kept password", kept, file_name=name),
            Artefact("externals", "Line of svn:externals", f"{url} {draw.one(('lib', role))}"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as Apache does, which is what serves Subversion over HTTP."""
        return ask_apache(_realm(token, site))


def _realm(token: Token, site: Site) -> str:
    return Draw(token, site, "realm").one(_REALMS)


def _write_hash(values: dict[str, str]) -> str:
    """Return svn's hash file (`subversion/libsvn_subr/hash.c`): lengths in bytes, then texts."""
    pairs = (f"K {len(name)}\n{name}\nV {len(text)}\n{text}\n" for name, text in values.items())
    return "".join(pairs) + "END\n"


KIND = SvnKind()
