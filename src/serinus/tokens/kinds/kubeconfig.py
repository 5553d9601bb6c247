"""A kubeconfig: a cluster's API server and the bearer token of a service account."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta

from serinus.base.errors import OperatorError
from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import ALPHANUMERIC, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Options, Token, option, options_of, proven
from serinus.tokens.site import Site

CA_LENGTH_MAX = 20_000
"""Characters: a chain of some ten certificates."""
LIFETIME_DAYS_MAX = 3650
"""Of a service account's token: ten years are what people ask for who want no trouble."""
_SIGNATURE_SIZE = 256
"""Bytes: RS256 with a key of 2048 bits."""
_KEY_ID_LENGTH = 43
"""Characters: SHA-256 of the key in Base64, as kube-apiserver names it."""
_ISSUER = "https://kubernetes.default.svc.cluster.local"
_STATUS = (
    b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",'
    b'"message":"Unauthorized","reason":"Unauthorized","code":401}\n'
)


@dataclass(frozen=True, slots=True)
class KubeconfigOptions(Options):
    """Whom the client trusts."""

    ca: str = option(
        "CA certificate",
        "PEM of the authority that signed the edge's certificate; kubectl then trusts it alone. "
        "Empty: the file tells kubectl not to verify.",
        default="",
        max=CA_LENGTH_MAX,
        lines=True,
    )

    def check(self) -> None:
        """Refuse what is no PEM."""
        if self.ca and not self.ca.strip().startswith("-----BEGIN CERTIFICATE-----"):
            raise OperatorError("Give the certificate as PEM, with its BEGIN line.", "ca")


class KubeconfigKind(CredentialKind):
    """A cluster that answers as one whose token has ended."""

    name = "kubeconfig"
    title = "Kubeconfig"
    service = "Kubernetes"
    summary = "Access to a Kubernetes cluster; fires when kubectl or another client asks it."
    planting = (
        "Put it into ~/.kube/config of a decoy account, into a CI variable, a backup, a home "
        "directory on a jump host. It is what people look for first on a developer's machine.",
        "kubectl, helm, k9s and the client libraries fire it with any command that asks the "
        "cluster, and send the bearer token along, over HTTPS; in the clear kubectl asks without "
        "it. kubectl config and what only reads the file do not fire it.",
        "Without a CA certificate the file says insecure-skip-tls-verify, so that clients come "
        "whatever certificate the edge has. With one they verify, and if it does not fit they "
        "leave before they say anything: then the lookup and the server name of TLS still fire.",
    )
    proof = proven("kubectl")
    options = KubeconfigOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file."""
        draw = Draw(token, site, "kubeconfig")
        stage = draw.one(("prod", "staging", "dev", "test", "qa", "live", "dr"))
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        cluster = draw.one((f"{project}-{stage}", f"{stage}-{project}", f"{project}-{role}"))
        namespace = draw.one((role, project, f"{project}-{stage}"))
        account = draw.one(
            (f"{draw.one(ROLES)}-sa", "deployer", "ci", f"{project}-ci", "automation")
        )
        context = draw.one((f"{account}@{cluster}", cluster, f"{cluster}-{account}"))
        bearer = _draw_bearer(draw, namespace, account)
        ca = options_of(token, KubeconfigOptions).ca
        written = base64.b64encode(ca.encode()).decode()
        trust = f"certificate-authority-data: {written}" if ca else "insecure-skip-tls-verify: true"
        text = (
            f"apiVersion: v1\nclusters:\n- cluster:\n    {trust}\n"
            f"    server: {site.origin(token.id)}\n  name: {cluster}\n"
            f"contexts:\n- context:\n    cluster: {cluster}\n    namespace: {namespace}\n"
            f"    user: {account}\n  name: {context}\n"
            f"current-context: {context}\nkind: Config\npreferences: {{}}\n"
            f"users:\n- name: {account}\n  user:\n    token: {bearer}\n"
        )
        return [Artefact("config", "Kubeconfig", text, "application/yaml", "config")]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse as kube-apiserver does a token that it does not take."""
        headers = (
            ("Audit-Id", Draw(token, site, "audit").uuid()),
            ("Cache-Control", "no-cache, private"),
            ("Content-Type", "application/json"),
        )
        return Answer(401, headers, _STATUS)


def _draw_bearer(draw: Draw, namespace: str, account: str) -> str:
    """Return a service account's token as `kubectl create token` prints it; nobody signed it."""
    begins_at = draw.before(300)
    ends_at = begins_at + timedelta(days=draw.number(LIFETIME_DAYS_MAX // 2, LIFETIME_DAYS_MAX))
    claims = {
        "aud": [_ISSUER],
        "exp": int(ends_at.timestamp()),
        "iat": int(begins_at.timestamp()),
        "iss": _ISSUER,
        "jti": draw.uuid(),
        "kubernetes.io": {
            "namespace": namespace,
            "serviceaccount": {"name": account, "uid": draw.uuid()},
        },
        "nbf": int(begins_at.timestamp()),
        "sub": f"system:serviceaccount:{namespace}:{account}",
    }
    key_id = draw.text(ALPHANUMERIC + "-_", _KEY_ID_LENGTH)
    parts = ({"alg": "RS256", "kid": key_id}, claims)
    written = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    return ".".join(_base64url(part) for part in [*written, draw.bytes(_SIGNATURE_SIZE)])


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


KIND = KubeconfigKind()
