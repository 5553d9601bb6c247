"""A folder that robots.txt asks crawlers to leave alone, and that leads to us."""

from serinus.tokens.configs import written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class RobotsKind(PlainKind):
    """Lines of robots.txt (RFC 9309), and the rule of the web server that belongs to them."""

    name = "robots"
    title = "Forbidden folder"
    summary = "A folder that your robots.txt forbids; fires when somebody looks into it."
    group = Group.WEB
    planting = (
        "Add the lines to the robots.txt of your own site, and the rule to its web server; the "
        "folder need not be there. Crawlers that obey stay away, so that whoever comes has read "
        "robots.txt to learn what is worth a look.",
        "It fires when a client follows the redirect: browsers do, curl and scanners if they are "
        "told to. The path they asked for comes along. Clients that do not follow are seen in your "
        "server's own log alone.",
        "Whoever looks at the redirect sees that it leads to another host, as many sign-in pages "
        "do.",
    )
    proof = proven("curl", "nginx")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the lines, and the rule for nginx and for Apache."""
        draw = Draw(token, site, "robots")
        folder = draw.one(
            (
                f"{draw.one(PROJECTS)}-{draw.one(ROLES)}",
                f"{draw.one(ROLES)}-{draw.one(('old', 'internal', 'private', 'bak', 'v1'))}",
                f"{draw.one(('old', 'internal', 'private', 'tmp'))}/{draw.one(PROJECTS)}",
            )
        )
        target = f"{site.origin(token.id)}/{draw.one(ROLES)}"
        lines = written("User-agent: *", f"Disallow: /{folder}/")
        nginx = f"location /{folder}/ {{ return 302 {target}$request_uri; }}\n"
        apache = f'RedirectMatch 302 "^(/{folder}/.*)" "{target}$1"\n'
        return [
            Artefact("robots", "Lines of robots.txt", lines),
            Artefact("nginx", "Rule for nginx", nginx),
            Artefact("apache", "Rule for Apache", apache),
        ]


KIND = RobotsKind()
