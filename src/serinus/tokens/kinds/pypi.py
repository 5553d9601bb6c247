"""A private Python index and its password: for pip, and for those who upload."""

from serinus.model.answer import Answer
from serinus.tokens.challenges import draw_package_server
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site


class PypiKind(CredentialKind):
    """An index that wants a password, in pip's configuration and in `.pypirc`."""

    name = "pypi"
    title = "Python package index"
    service = "PyPI"
    summary = "A private Python index with its password; fires on pip install and twine upload."
    planting = (
        "Put pip.conf into ~/.config/pip (on Windows pip.ini into %APPDATA%\\pip), or beside a "
        "virtual environment's pyvenv.cfg; .pypirc into a home directory.",
        "pip install, download and index fire it for any package, and send the password along. "
        "It is an additional index: pip warns that it does not open, and takes the package from "
        "PyPI. twine upload to the index that .pypirc names fires it. pip list and freeze do not.",
        "pip tells the versions of its own, of Python and of the system in its User-Agent.",
    )
    proof = proven("pip", "twine")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return pip's configuration and that of those who upload."""
        draw = Draw(token, site, "pypi")
        account, password = draw.account(), draw.password()
        path = draw_package_server(Draw(token, site, "server"), "pypi").path
        signed_in = site.origin(token.id, f"{account}:{password}")
        pip = f"[global]\nextra-index-url = {signed_in}/{path}/simple\n"
        if site.scheme == "http":
            # Without it, pip ignores an index that has no TLS.
            pip += f"trusted-host = {site.authority(token.id)}\n"
        name = draw.one((draw.one(PROJECTS), "internal", "private", "company"))
        upload = (
            f"[distutils]\nindex-servers =\n    {name}\n\n[{name}]\n"
            f"repository = {site.origin(token.id)}/{path}/\n"
            f"username = {account}\npassword = {password}\n"
        )
        return [
            Artefact("pip", "pip's configuration", pip, file_name="pip.conf"),
            Artefact("pypirc", "Configuration for uploads", upload, file_name=".pypirc"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as a package server does."""
        return draw_package_server(Draw(token, site, "server"), "pypi").asks


KIND = PypiKind()
