"""A shortcut to a page, whose page and icon are ours."""

from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind, draw_share


class URLFileKind(WindowsKind):
    """A .url file (Microsoft: InternetShortcut)."""

    name = "url_file"
    title = "Internet shortcut"
    summary = "A .url file that fires when it is opened, and may when Explorer shows its icon."
    planting = (
        "Unverified: no test here runs Windows. Put it on a desktop, on a share, or among the "
        "favourites of an account.",
        "Whoever opens it visits our URL. Before that, when Explorer shows the folder, it may look "
        "the icon's server up; newer versions of Windows may not go to servers of the internet "
        "for icons.",
        "Nothing of ours speaks SMB. Scanners of mail and disks know shortcuts with far icons as a "
        "trick of attackers, and may take the file away.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the shortcut; lines end in CR LF."""
        draw = Draw(token, site, "url file")
        lines = [
            f"URL={site.host_url(token.id, draw.one(('', '.html')))}",
            f"IconFile={draw_share(draw, site.hostname(token.id))}",
            f"IconIndex={draw.number(0, 9)}",
        ]
        text = "".join(f"{line}\r\n" for line in ["[InternetShortcut]", *draw.shuffled(lines)])
        project, role = draw.one(PROJECTS).title(), draw.one(ROLES)
        name = draw.one((f"{project} {role}.url", f"{project}.url", f"{role.title()}.url"))
        return [Artefact("shortcut", "Shortcut", text, "application/x-mswinurl", name)]


KIND = URLFileKind()
