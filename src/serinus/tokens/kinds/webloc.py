"""A shortcut of macOS to a page of ours."""

import plistlib

from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind


class WeblocKind(WindowsKind):
    """A .webloc file: a property list with one URL (Apple, as written by Safari and Finder)."""

    name = "webloc"
    title = "macOS shortcut"
    summary = "A .webloc file that fires when it is opened."
    planting = (
        "Unverified: no test here runs macOS. Put it on a desktop, on a share, or into a folder of "
        "bookmarks.",
        "Whoever opens it visits our URL with their browser. A preview in Finder may show the "
        "address without a visit.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the shortcut."""
        draw = Draw(token, site, "webloc")
        url = site.host_url(token.id, draw.one(("", ".html")))
        text = plistlib.dumps({"URL": url}).decode()
        project, role = draw.one(PROJECTS).title(), draw.one(ROLES)
        name = draw.one((f"{project} {role}.webloc", f"{project}.webloc", f"{role}.webloc"))
        return [Artefact("shortcut", "Shortcut", text, "application/xml", name)]


KIND = WeblocKind()
