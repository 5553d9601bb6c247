"""A shortcut of Windows whose icon is on a share of ours."""

from datetime import UTC, datetime
from struct import pack
from uuid import UUID

from serinus.base.errors import OperatorError
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind, draw_share, draw_who

HEADER_SIZE = 0x4C
LINK_CLASS = UUID("00021401-0000-0000-C000-000000000046")
"""MS-SHLLINK §2.1: both demanded of every shortcut."""
HAS_ARGUMENTS, HAS_ICON, IS_UNICODE = 0x20, 0x40, 0x80
HAS_TARGET_VARIABLES, HAS_ICON_VARIABLES = 0x200, 0x4000
"""Flags of MS-SHLLINK §2.1.1."""
TARGET_BLOCK, ICON_BLOCK = 0xA0000001, 0xA0000007
BLOCK_SIZE = 0x314
"""Bytes of a block with one path (§2.5.4, §2.5.5): 260 characters twice, and 8 before them."""
PATH_LENGTH_MAX = 260
"""Characters of a path in a block, and the zero behind it."""

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class LnkKind(WindowsKind):
    """A .lnk file (MS-SHLLINK) that opens a folder."""

    name = "lnk"
    title = "Windows shortcut"
    summary = "A shortcut that looks its icon up at a name of ours when Explorer shows it."
    planting = (
        "Unverified: no test here runs Windows. Put it on a desktop, on a share, or into a folder "
        "that nobody should look into. It opens a folder of the disk.",
        "When Explorer shows the folder that it lies in, it looks for the icon, and so looks up a "
        "name with the user, the computer and the domain in it; nobody needs to click. Names that "
        "hold blanks or umlauts may not come through. Newer versions of Windows may not go to "
        "servers of the internet for icons.",
        "Nothing of ours speaks SMB. Scanners of mail and disks know shortcuts with far icons as a "
        "trick of attackers, and may take the file away.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the shortcut, and the address of its icon."""
        draw = Draw(token, site, "lnk")
        who = draw_who(draw, "COMPUTERNAME", "USERDOMAIN", "USERNAME")
        icon = draw_share(draw, f"{who}.{site.hostname(token.id)}")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        folder = rf"{draw.one(('C', 'D', 'E'))}:\{draw.one(('Shares', 'Data', project))}\{role}"
        at, index = draw.before(400), draw.number(0, 9)

        def written() -> bytes:
            return _write_link(r"%windir%\explorer.exe", folder, icon, index, at)

        name = draw.one((f"{project.title()} {role}.lnk", f"{role} - Shortcut.lnk"))
        return [
            Artefact("shortcut", "Shortcut", written, "application/x-ms-shortcut", name),
            Artefact("icon", "Address of the icon", icon),
        ]


def _write_link(target: str, arguments: str, icon: str, index: int, at: datetime) -> bytes:
    flags = HAS_ARGUMENTS | HAS_ICON | IS_UNICODE | HAS_TARGET_VARIABLES | HAS_ICON_VARIABLES
    ticks = int((at - _EPOCH).total_seconds()) * 10_000_000
    attributes, size, shown, hot_key = 0x20, 0, 1, 0
    header = pack(
        "<I16sIIQQQIiIH10x",
        *(HEADER_SIZE, LINK_CLASS.bytes_le, flags, attributes),
        *(ticks, ticks, ticks, size, index, shown, hot_key),
    )
    texts = b"".join(pack("<H", len(t)) + t.encode("utf-16-le") for t in (arguments, icon))
    return header + texts + _block(TARGET_BLOCK, target) + _block(ICON_BLOCK, icon) + bytes(4)


def _block(signature: int, path: str) -> bytes:
    if len(path) >= PATH_LENGTH_MAX:
        raise OperatorError("The zone's name is too long for a Windows shortcut.", "kind")
    narrow, wide = path.encode("ascii"), path.encode("utf-16-le")
    return pack("<II260s520s", BLOCK_SIZE, signature, narrow, wide)


KIND = LnkKind()
