"""A WireGuard tunnel whose other end is ours."""

from base64 import b64encode

from serinus.tokens.configs import draw_network, draw_remark, host_of, written
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


class WireGuardKind(PlainKind):
    """A configuration for wg-quick(8), and for the applications that import it."""

    name = "wireguard"
    title = "WireGuard tunnel"
    summary = "A WireGuard configuration that fires when the tunnel is started."
    group = Group.CREDENTIAL
    planting = (
        "Leave it where people keep such a file: a download folder, a mail to oneself, a password "
        "manager, /etc/wireguard under a name that nothing starts.",
        "It fires when the tunnel is started: the name of the other end is looked up. The "
        "handshake itself is not answered, so that the tunnel stays silent, as with a server that "
        "is down.",
        "Importing or reading the file does not fire. The source is mostly the resolver that the "
        "host uses.",
    )
    proof = proven("wg-quick", "wireguard-go")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the configuration."""
        draw = Draw(token, site, "wireguard")
        network = draw_network(draw)
        reached = draw.shuffled((f"{network}.0/24", *(f"{draw_network(draw)}.0/24" for _ in "12")))
        interface = [
            f"PrivateKey = {_private_key(draw)}",
            f"Address = {network}.{draw.number(2, 250)}/{draw.one(('32', '24'))}",
            *draw.one(([], [f"DNS = {network}.1"])),
            *draw.one(([], [f"MTU = {draw.one((1280, 1380, 1412, 1420))}"])),
        ]
        port = draw.one((51820, draw.number(51821, 51840), draw.number(20_000, 60_000)))
        host = host_of(draw, token, site, "vpn", "wg", "gw", "tunnel", "remote")
        peer = [
            f"PublicKey = {_public_key(draw)}",
            f"Endpoint = {host}:{port}",
            f"AllowedIPs = {', '.join(reached[: draw.number(1, 3)])}",
            *draw.one(([], [f"PresharedKey = {b64encode(draw.bytes(32)).decode()}"])),
            *draw.one(([], [f"PersistentKeepalive = {draw.one(('15', '20', '25', '30'))}"])),
        ]
        lines = ["[Interface]", *draw_remark(draw), *draw.shuffled(interface), ""]
        lines += ["[Peer]", *draw_remark(draw), *draw.shuffled(peer)]
        # An interface's name has at most 15 characters, and is that of the file.
        name = f"{draw.one((draw.one(PROJECTS), f'wg{draw.number(0, 5)}'))}.conf"
        return [Artefact("tunnel", "Configuration", written(*lines), file_name=name)]


def _private_key(draw: Draw) -> str:
    """Return a key as `wg genkey` gives it: 32 bytes, clamped (RFC 7748 §5)."""
    key = bytearray(draw.bytes(32))
    key[0] &= 248
    key[31] = key[31] & 127 | 64
    return b64encode(key).decode()


def _public_key(draw: Draw) -> str:
    """Return 32 bytes whose last bit is clear, as that of each public key is."""
    key = bytearray(draw.bytes(32))
    key[31] &= 127
    return b64encode(key).decode()


KIND = WireGuardKind()
