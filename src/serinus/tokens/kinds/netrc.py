"""A password in `.netrc`, where curl, wget, git and many others look for one."""

from serinus.model.answer import Answer
from serinus.tokens.challenges import draw_package_server
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site


class NetrcKind(CredentialKind):
    """A machine, a login and a password; and something that lies on that machine."""

    name = "netrc"
    title = ".netrc login"
    service = "netrc"
    summary = "A login in .netrc; fires when a program goes to its host, and says who signed in."
    planting = (
        "Put the entry into ~/.netrc of an account (on Windows _netrc), and the URL beside it, in "
        "a script or a shell history, so that somebody has a reason to go there.",
        "curl -n, wget, git, Python's requests and others send the password to that host at once "
        "or when asked. A password that is only read fires nothing, and neither does trying it on "
        "another host.",
    )
    proof = proven("curl", "wget")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the entry, and the URL of a file that lies on the machine."""
        draw = Draw(token, site, "netrc")
        words = (
            f"machine {site.hostname(token.id)}",
            f"login {draw.account()}",
            f"password {draw.password()}",
        )
        entry = draw.one((" ", "\n", "\n  ")).join(words) + "\n"
        version = f"{draw.number(0, 9)}.{draw.number(0, 30)}.{draw.number(0, 20)}"
        package = f"{draw.one(PROJECTS)}-{draw.one(ROLES)}"
        ending = draw.one((".tar.gz", ".zip", ".tgz", ".tar.xz"))
        server = draw_package_server(Draw(token, site, "server"), "generic").path
        # Gitea has package and version as folders; in the other product it is a custom.
        path = f"{server}/{package}/{version}/{package}-{version}{ending}"
        return [
            Artefact("netrc", "Entry of .netrc", entry, file_name=".netrc"),
            Artefact("url", "URL on that host", f"{site.origin(token.id)}/{path}"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as a package server does."""
        return draw_package_server(Draw(token, site, "server"), "generic").asks


KIND = NetrcKind()
