"""What the doctor says of the certificate."""

from datetime import timedelta
from pathlib import Path

from serinus.base.certificates import key_matches, read_certificate
from serinus.base.clock import as_datetime, unix_time
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.doctor.check import Check, fail, ok, skipped, warn

EXPIRY_NEAR = timedelta(days=14)
"""ACME clients renew a month ahead; what is this near its end is being forgotten."""


def check_certificate(folder: DataFolder, settings: Settings) -> Check:
    """Look whether clients that verify take our certificate, and until when."""
    name = "certificate"
    if not settings.https:
        return skipped(name, "HTTPS is off.")
    is_trial = not settings.certificate
    chain_path = folder.trial_certificate if is_trial else Path(settings.certificate)
    key_path = folder.trial_certificate_key if is_trial else Path(settings.certificate_key)
    try:
        chain, key = chain_path.read_bytes(), key_path.read_bytes()
        facts = read_certificate(chain)
        matches = key_matches(chain, key)
    except OSError as error:
        return fail(
            name,
            f"{error.filename} cannot be read: {error.strerror}.",
            "Start `serinus up`, which makes one for trials."
            if is_trial
            else "Give --certificate and --certificate-key files that this user can read.",
        )
    except OperatorError as error:
        return fail(name, f"{chain_path}: {error.sentence}", "Give PEM files without a passphrase.")
    if not matches:
        return fail(
            name,
            f"{key_path} is not the key of {chain_path}.",
            "Give the key that the certificate was made with.",
        )
    left = facts.ends_at - as_datetime(unix_time())
    until = facts.ends_at.isoformat(timespec="minutes")
    if left <= timedelta(0):
        return fail(name, f"The certificate ended at {until}.", "Renew it.")
    bare = [h for zone in settings.zones for h in (zone, f"x.{zone}") if not facts.covers(h)]
    if bare:
        wanted = " and ".join(f"{zone}, *.{zone}" for zone in settings.zones)
        return fail(
            name,
            f"The certificate does not cover {bare[0].replace('x.', '*.', 1)}.",
            f"Have one made for {wanted}.",
        )
    if is_trial:
        return warn(
            name,
            f"It is the generated one, which no client trusts by itself; it holds until {until}.",
            "Give your own with --certificate and --certificate-key; docs/howto/certificates.md "
            "says how to get one.",
        )
    if left < EXPIRY_NEAR:
        return warn(name, f"The certificate ends soon, at {until}.", "Renew it.")
    return ok(name, f"It covers {', '.join(settings.zones)} and holds until {until}.")
