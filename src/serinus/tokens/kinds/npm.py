"""A private npm registry and the credential for it, in `.npmrc`."""

import base64

from serinus.model.answer import Answer
from serinus.tokens.challenges import draw_package_server
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import HEX, PROJECTS, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site


class NpmKind(CredentialKind):
    """Every package, or those of one scope, come from a registry that wants a credential."""

    name = "npm"
    title = "npm registry"
    service = "npm"
    summary = "A private npm registry with its credential; fires on npm install, view, publish."
    planting = (
        "Put the file beside the package.json of a project, or into a home directory. npm, yarn 1 "
        "and pnpm read it; npm is what was seen.",
        "install, view, publish, whoami and audit fire it, for any package, and send the "
        "credential along at once. Whatever npm has in its cache or in node_modules it does not "
        "ask for.",
        "The registry gives nothing, so that npm stops working where the file is in force. Where "
        "people work, plant the file for one scope: it fires for packages of that scope alone.",
    )
    proof = proven("npm")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file for all packages, and the one for a scope."""
        draw = Draw(token, site, "npm")
        path = draw_package_server(Draw(token, site, "server"), "npm").path
        place = f"{site.authority(token.id)}/{path}/"
        basic = base64.b64encode(f"{draw.account()}:{draw.password()}".encode()).decode()
        credential = draw.one((f"_auth={basic}", f"_authToken={draw.text(HEX, 40)}"))
        signs_in = f"//{place}:{credential}\n"
        scope = f"@{draw.one(PROJECTS)}"
        return [
            Artefact(
                *("npmrc", "File for all packages"),
                f"registry={site.scheme}://{place}\n{signs_in}",
                file_name=".npmrc",
            ),
            Artefact(
                *("scope", f"Lines for packages of {scope} alone"),
                f"{scope}:registry={site.scheme}://{place}\n{signs_in}",
            ),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the credential as a package server does."""
        return draw_package_server(Draw(token, site, "server"), "npm").asks


KIND = NpmKind()
