"""A folder of Windows whose icon is on a share of ours."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind, draw_share, draw_who, write_wide

FOLDER_ATTRIBUTES = 0x11
"""Folder and read-only: Explorer reads a folder's desktop.ini only if the folder has this mark."""
FILE_ATTRIBUTES = 0x06
"""Hidden and system (MS-FSCC §2.6)."""
_FAT = 0
"""The system in whose terms a zip tells attributes (APPNOTE §4.4.2)."""


class DesktopIniKind(WindowsKind):
    """A zip with a folder and its desktop.ini (Microsoft: How to Customize Folders)."""

    name = "desktop_ini"
    title = "Windows folder"
    summary = "A folder that looks its icon up at a name of ours when Explorer shows it."
    planting = (
        "Unverified: no test here runs Windows. Unpack it with Explorer onto a share or a disk, "
        "so that the folder keeps its read-only mark and the file its hidden one; other programs "
        "lose them, then: attrib +r FOLDER and attrib +h +s FOLDER\\desktop.ini.",
        "When Explorer shows the folder it looks for the icon, and so looks up a name with the "
        "user, the computer and the domain in it. Names that hold blanks or umlauts may not "
        "come through. Newer versions of Windows may not go to servers of the internet for icons.",
        "Nothing of ours speaks SMB, so that no password hash leaves the computer towards us.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the folder, and what stands in its file."""
        draw = Draw(token, site, "desktop.ini")
        who = draw_who(draw, "COMPUTERNAME", "USERDOMAIN", "USERNAME")
        icon = draw_share(draw, f"{who}.{site.hostname(token.id)}")
        lines = [f"IconResource={icon},{draw.number(0, 12)}"]
        lines += draw.one(([], ["ConfirmFileOp=0"]))
        text = "[.ShellClassInfo]\n" + "".join(f"{line}\n" for line in draw.shuffled(lines))
        project, role = draw.one(PROJECTS).title(), draw.one(ROLES)
        folder = draw.one((f"{project} {role}", f"{role.title()} {draw.before(400).year}", project))
        at = draw.before(200)
        # A zip tells even seconds, from 1980 on.
        made = [(at + timedelta(seconds=2 * n)).timetuple()[:6] for n in (0, draw.number(1, 90))]

        inside = (
            (f"{folder}/", FOLDER_ATTRIBUTES, b""),
            (f"{folder}/desktop.ini", FILE_ATTRIBUTES, write_wide(text)),
        )
        parts = [(*part, when) for part, when in zip(inside, made, strict=True)]
        return [
            Artefact("folder", "Folder", lambda: _pack(parts), "application/zip", f"{folder}.zip"),
            Artefact("text", "What desktop.ini says", text),
        ]


def _pack(parts: Sequence[tuple[str, int, bytes, tuple[int, ...]]]) -> bytes:
    """Return a zip of names, attributes, contents and times."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, attributes, content, (year, month, day, hour, minute, second) in parts:
            info = ZipInfo(name, (year, month, day, hour, minute, second))
            info.create_system, info.external_attr = _FAT, attributes
            info.compress_type = ZIP_DEFLATED if content else 0
            package.writestr(info, content)
    return file.getvalue()


KIND = DesktopIniKind()
