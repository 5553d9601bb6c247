"""A login to a container registry, as `docker login` leaves it behind."""

import base64
import json

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_REALMS = ("Registry", "Registry Realm", "basic-realm", "Docker Registry", "Private registry")
# distribution v2 (OCI distribution specification 1.1, "Error Codes"), with its htpasswd controller.
_BODY = b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n'


class DockerKind(CredentialKind):
    """A registry whose images need a password."""

    name = "docker"
    title = "Container registry login"
    service = "registry"
    summary = "A container registry with its password; fires when an image is pulled or pushed."
    planting = (
        "Put the file into ~/.docker/config.json (docker, buildx, skopeo, crane) or into "
        "${XDG_RUNTIME_DIR}/containers/auth.json (podman), or its text into a CI variable or a "
        "Kubernetes imagePullSecret; and the image's name into a compose file or a Dockerfile, so "
        "that somebody has a reason to pull it.",
        "pull, push, login and inspect of an image of that host fire it: first without the "
        "password, then with it. Images of other registries do not, and neither does "
        "docker login --get-login.",
        "docker and podman want HTTPS with a certificate that they trust; without one the lookup "
        "still fires, and the password stays with them.",
    )
    proof = proven("skopeo")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file, and the name of an image in the registry."""
        draw = Draw(token, site, "docker")
        host = site.authority(token.id)
        login = base64.b64encode(f"{draw.account()}:{draw.password()}".encode()).decode()
        config = json.dumps({"auths": {host: {"auth": login}}}, indent="\t")
        version = f"{draw.number(0, 9)}.{draw.number(0, 30)}.{draw.number(0, 20)}"
        image = f"{host}/{draw.one(PROJECTS)}/{draw.one(ROLES)}:{version}"
        return [
            Artefact(
                *("config", "config.json", config, "application/json"), file_name="config.json"
            ),
            Artefact("image", "Name of an image", image),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Ask for the password as the distribution registry does."""
        headers = (
            ("Content-Type", "application/json; charset=utf-8"),
            ("Docker-Distribution-Api-Version", "registry/2.0"),
            ("WWW-Authenticate", f'Basic realm="{Draw(token, site, "realm").one(_REALMS)}"'),
            ("X-Content-Type-Options", "nosniff"),
        )
        return Answer(401, headers, _BODY)


KIND = DockerKind()
