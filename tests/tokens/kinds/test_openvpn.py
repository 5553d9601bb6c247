"""An OpenVPN profile: its certificates are real, and nobody else's."""

import re
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.openvpn import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
SUBJECT_KEY = PublicFormat.SubjectPublicKeyInfo
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def parts(number: int) -> dict[str, bytes]:
    token = Token(TokenId(f"t{number}"), "openvpn", "m", Options(), NOW)
    text = KIND.artefacts(token, SITE)[0].content().decode()
    assert KIND.artefacts(token, SITE)[0].content().decode() == text
    return {n: t.encode() for n, t in re.findall(r"<([\w-]+)>\n(.*?)</\1>", text, re.DOTALL)}


def test_the_client_is_signed_by_its_authority_and_has_its_key() -> None:
    found = parts(0)
    authority = x509.load_pem_x509_certificate(found["ca"])
    client = x509.load_pem_x509_certificate(found["cert"])
    client.verify_directly_issued_by(authority)
    assert load_pem_private_key(found["key"], None).public_key() == client.public_key()
    assert authority.not_valid_before_utc <= client.not_valid_before_utc < NOW
    assert NOW < client.not_valid_after_utc < authority.not_valid_after_utc


def test_two_profiles_share_no_serial_key_or_time() -> None:
    seen: set[object] = set()
    for number in range(20):
        found = parts(number)
        certificates = [x509.load_pem_x509_certificate(found[name]) for name in ("ca", "cert")]
        for certificate in certificates:
            seen.add(certificate.serial_number)
            seen.add(certificate.public_key().public_bytes(Encoding.DER, SUBJECT_KEY))
            seen.add(certificate.not_valid_before_utc)
    assert len(seen) == 20 * 2 * 3
