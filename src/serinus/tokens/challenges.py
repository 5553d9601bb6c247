"""How servers ask for a password: the products that tokens with a credential pretend to live on.

Sources: Apache httpd 2.4 (`modules/http/http_protocol.c`); Gitea 1.22 (`services/context/base.go`,
`routers/api/packages/api.go`); Artifactory (answers quoted in semantic-release/semantic-release
issue 300, 2017; its 91 bytes are the same since).
"""

from typing import NamedTuple

from serinus.model.answer import Answer
from serinus.tokens.drawing import HEX, PROJECTS, ROLES, Draw

_APACHE_TITLES = {401: "Unauthorized", 407: "Proxy Authentication Required"}
_APACHE_PAGE = """\
<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>{status} {title}</title>
</head><body>
<h1>{title}</h1>
<p>This server could not verify that you
are authorized to access the document
requested.  Either you supplied the wrong
credentials (e.g., bad password), or your
browser doesn't understand how to supply
the credentials required.</p>
</body></html>
"""
_ARTIFACTORY_BODY = b"""{
  "errors" : [ {
    "status" : 401,
    "message" : "Authentication is required"
  } ]
}"""


class PackageServer(NamedTuple):
    """Where a registry lies on its server, without slashes at the ends, and how that asks."""

    path: str
    asks: Answer


def draw_package_server(draw: Draw, format: str) -> PackageServer:
    """Return a registry of a package format, as two products name it: `npm`, `pypi` and so on."""
    project = draw.one(PROJECTS)
    where = draw.one(("local", "virtual", "release", "internal", "group"))
    name = draw.one((f"{format}-{where}", f"{project}-{format}", f"{project}-{format}-{where}"))
    plain = format in ("debian", "generic")
    artifactory = PackageServer(
        f"artifactory/{name}" if plain else f"artifactory/api/{format}/{name}",
        ask_artifactory(draw),
    )
    gitea = PackageServer(
        f"api/packages/{project}/{format}", ask_gitea("Gitea Package API", "reqPackageAccess")
    )
    return draw.one((artifactory, gitea))


def ask_apache(realm: str, status: int = 401) -> Answer:
    """Ask as Apache does, for itself (401) or as a proxy (407)."""
    page = _APACHE_PAGE.format(status=status, title=_APACHE_TITLES[status])
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    headers = (
        (name, f'Basic realm="{realm}"'),
        ("Content-Type", "text/html; charset=iso-8859-1"),
    )
    return Answer(status, headers, page.encode())


def ask_gitea(realm: str = "Gitea", text: str = "Unauthorized") -> Answer:
    """Ask as Gitea does, whose errors for programs are a line of text."""
    headers = (
        ("WWW-Authenticate", f'Basic realm="{realm}"'),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Answer(401, headers, text.encode() + b"\n")


def ask_artifactory(draw: Draw) -> Answer:
    """Ask as Artifactory does, which names its own instance."""
    node = f"{draw.one(PROJECTS)}-{draw.one(ROLES)}-{draw.number(0, 3)}"
    headers = (
        ("X-Artifactory-Id", draw.text(HEX, 40)),
        ("X-Artifactory-Node-Id", node),
        ("WWW-Authenticate", 'Basic realm="Artifactory Realm"'),
        ("Content-Type", "application/json;charset=ISO-8859-1"),
    )
    return Answer(401, headers, _ARTIFACTORY_BODY)
