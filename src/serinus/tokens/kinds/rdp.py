"""A Remote Desktop file whose server and gateway are ours."""

from serinus.tokens.configs import host_of
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class RDPKind(PlainKind):
    """An .rdp file (Microsoft: Supported RDP properties) that goes through a gateway."""

    name = "rdp"
    title = "Remote Desktop file"
    summary = "A Remote Desktop connection that fires when it is opened."
    group = Group.CREDENTIAL
    planting = (
        "Leave it on a desktop, in a download folder, on a share for administrators, or in a mail.",
        "It fires when a Remote Desktop client opens it: the gateway's name is looked up, and a "
        "client that reaches us by HTTPS is seen asking for it. Nobody can sign in.",
        "The file is not signed: Windows says that its publisher is unknown, as for most such "
        "files. Tested with FreeRDP on Linux; Microsoft's own client reads the same properties, "
        "but no test here runs it.",
    )
    proof = proven("xfreerdp")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file; lines end in CR LF."""
        draw = Draw(token, site, "rdp")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        domain = draw.one((project.upper(), project.upper()[:3] + draw.one(("CORP", "AD", "NET"))))
        user = draw.one((draw.person().login, f"adm-{draw.person().login}", "administrator"))
        width, height = draw.one(((1920, 1080), (2560, 1440), (1600, 900), (1366, 768)))
        lines = [
            f"full address:s:{host_of(draw, token, site, 'ts', 'rds', 'srv', role)}",
            f"gatewayhostname:s:{host_of(draw, token, site, 'rdg', 'rdgw', 'gateway', 'remote')}",
            "gatewayusagemethod:i:1",
            "gatewayprofileusagemethod:i:1",
            "gatewaycredentialssource:i:4",
            f"username:s:{domain}\\{user}",
            f"desktopwidth:i:{width}",
            f"desktopheight:i:{height}",
        ]
        more = (
            "screen mode id:i:2",
            "session bpp:i:32",
            "compression:i:1",
            "audiomode:i:0",
            "redirectclipboard:i:1",
            "redirectprinters:i:0",
            "authentication level:i:2",
            "prompt for credentials:i:1",
            "autoreconnection enabled:i:1",
            "use multimon:i:0",
        )
        lines += draw.shuffled(more)[: draw.number(4, len(more))]
        text = "".join(f"{line}\r\n" for line in draw.shuffled(lines))
        name = draw.one((f"{project}-{role}", f"{project} {role}", f"{role}.{project}", project))
        media_type = "application/rdp"
        return [Artefact("connection", "Connection", text, media_type, f"{name}.rdp")]


KIND = RDPKind()
