"""Access to an S3-compatible store, for s3cmd and rclone."""

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import ALPHANUMERIC, DIGITS, LETTERS, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.object_storage import refuse_key
from serinus.tokens.site import Site


class S3Kind(CredentialKind):
    """The same key pair as two tools keep it."""

    name = "s3"
    title = "S3 store"
    service = "S3"
    summary = "Keys of an S3-compatible store; fires when s3cmd, rclone or the like use them."
    planting = (
        "Put .s3cfg into a home directory, rclone.conf into ~/.config/rclone, or both into a "
        "backup script's folder: backups are worth stealing, and people know it.",
        "Any command that asks the store fires it, and names the key. A key that is copied without "
        "its host cannot reach us.",
    )
    proof = proven("s3cmd", "rclone")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the configuration of s3cmd, and that of rclone."""
        draw = Draw(token, site, "s3")
        key_id = draw.text(LETTERS.upper() + DIGITS, 20)
        secret = draw.text(ALPHANUMERIC, 40)
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        remote = draw.one((project, f"{project}-{role}", role, f"{role}-s3", "s3", "backup"))
        host = site.authority(token.id)
        secure = site.scheme == "https"
        s3cmd = (
            f"[default]\naccess_key = {key_id}\nsecret_key = {secret}\n"
            f"host_base = {host}\nhost_bucket = {host}\nuse_https = {secure}\n"
        )
        rclone = (
            f"[{remote}]\ntype = s3\nprovider = Ceph\naccess_key_id = {key_id}\n"
            f"secret_access_key = {secret}\nendpoint = {site.origin(token.id)}\n"
        )
        return [
            Artefact("s3cfg", "Configuration of s3cmd", s3cmd, file_name=".s3cfg"),
            Artefact("rclone", "Configuration of rclone", rclone, file_name="rclone.conf"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse the key."""
        return refuse_key(Draw(token, site, "server"))


KIND = S3Kind()
