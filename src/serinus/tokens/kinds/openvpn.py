"""An OpenVPN profile whose server is ours."""

from serinus.base.certificates import issue_client
from serinus.tokens.configs import draw_remark, host_of, written
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class OpenVPNKind(PlainKind):
    """A profile with everything inline (openvpn(8) of 2.6, INLINE FILE SUPPORT)."""

    name = "openvpn"
    title = "OpenVPN profile"
    summary = "An OpenVPN profile with certificate and key that fires when it is connected."
    group = Group.CREDENTIAL
    planting = (
        "Leave it where people keep such a file: a download folder, a mail to oneself, a password "
        "manager, a share for new colleagues.",
        "It fires when a client connects: the server's name is looked up, again and again while it "
        "tries. No server answers, as with one that is down. The certificate and its key are real "
        "and open nothing: their authority was made for this file alone.",
        "Importing or reading the file does not fire. The source is mostly the resolver that the "
        "host uses.",
    )
    proof = proven("openvpn")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the profile."""
        draw = Draw(token, site, "openvpn")
        project, user = draw.one(PROJECTS), draw.person().login
        host = host_of(draw, token, site, "vpn", "ovpn", "gw", "remote", "access", "connect")
        port = draw.one((1194, 1194, draw.number(1195, 1199), draw.number(10_000, 60_000)))
        lines = [
            f"remote {host} {port}",
            f"dev {draw.one(('tun', 'tun0'))}",
            f"proto {draw.one(('udp', 'udp', 'udp4'))}",
            "nobind",
            "persist-tun",
            "remote-cert-tls server",
            f"cipher {draw.one(('AES-256-GCM', 'AES-128-GCM', 'AES-256-CBC'))}",
            f"auth {draw.one(('SHA256', 'SHA512'))}",
        ]
        more = ("persist-key", "resolv-retry infinite", f"verb {draw.number(2, 4)}", "mute 20")
        lines += draw.shuffled(more)[: draw.number(0, 3)]
        authority = draw.one((f"{project.title()} VPN CA", f"{project} CA", f"{project}-ca"))
        name = draw.one((user, f"{project}-{user}", f"{user}-{draw.one(('laptop', 'pc', 'mac'))}"))
        trusted, certificate, key = issue_client(authority, name, draw.bytes, draw.before(300))
        parts = draw.shuffled(
            (("ca", trusted), ("cert", certificate), ("key", key), _shared_key(draw))
        )
        inline = [f"<{part}>\n{text.strip()}\n</{part}>" for part, text in parts]
        text = written(*draw_remark(draw), "client", *draw.shuffled(lines), *inline)
        media_type = "application/x-openvpn-profile"
        return [Artefact("profile", "Profile", text, media_type, f"{name}.ovpn")]


def _shared_key(draw: Draw) -> tuple[str, str]:
    """Return the key of 2048 bits that `openvpn --genkey secret` writes, and what it is for."""
    rows = [draw.bytes(16).hex() for _ in range(16)]
    begin, end = (f"-----{word} OpenVPN Static key V1-----" for word in ("BEGIN", "END"))
    return draw.one(("tls-crypt", "tls-auth")), "\n".join((begin, *rows, end))


KIND = OpenVPNKind()
