"""A library of Windows whose folder is on a share of ours."""

from serinus.tokens.configs import written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token
from serinus.tokens.site import Site
from serinus.tokens.windows import WindowsKind

_NAMESPACE = "http://schemas.microsoft.com/windows/2009/library"


class LibraryMsKind(WindowsKind):
    """A .library-ms file (Microsoft: Library Description Schema)."""

    name = "library_ms"
    title = "Windows library"
    summary = "A library that looks for its folder at a name of ours when Explorer shows it."
    planting = (
        "Unverified: no test here runs Windows. Put it on a desktop or a share.",
        "When Explorer shows or opens it, it looks for the folder, and so looks up the server's "
        "name. Where the service WebClient runs, it may come by HTTP, too.",
        "Nothing of ours speaks SMB. Windows updates of 2025 keep it from being read out of an "
        "archive, and scanners know such files as a trick of attackers.",
    )

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the library."""
        draw = Draw(token, site, "library")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        share = rf"\\{site.hostname(token.id)}\{draw.one((project, role, f'{project}-{role}'))}"
        lines = (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<libraryDescription xmlns="{_NAMESPACE}">',
            f"  <version>{draw.number(2, 9)}</version>",
            f"  <isLibraryPinned>{draw.one(('true', 'false'))}</isLibraryPinned>",
            "  <searchConnectorDescriptionList>",
            "    <searchConnectorDescription>",
            "      <simpleLocation>",
            f"        <url>{share}</url>",
            "      </simpleLocation>",
            "    </searchConnectorDescription>",
            "  </searchConnectorDescriptionList>",
            "</libraryDescription>",
        )
        name = f"{draw.one((project.title(), role.title(), f'{project} {role}'))}.library-ms"
        media_type = "application/windows-library+xml"
        return [Artefact("library", "Library", written(*lines), media_type, name)]


KIND = LibraryMsKind()
