"""Certificates for trials, and what a certificate says: the door to `cryptography`.

A generated certificate names the zones, all hosts under them, and nothing else: no product, no
organisation. Serial, age and lifetime are drawn, so that two installations share none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from serinus.base.entropy import Entropy, draw_index
from serinus.base.errors import OperatorError

AGE_DAYS_MAX = 30
"""A certificate begins up to this long ago: one that began at first start tells when that was."""
LIFETIME_DAYS_MIN = 365
LIFETIME_DAYS_SPAN = 32
"""Clients take at most 398 days (CA/Browser Forum, Ballot SC31)."""
SERIAL_SIZE = 16
"""Bytes of a serial, its first bit 0: below the 20 that RFC 5280 §4.1.2.2 allows."""
COMMON_NAME_LENGTH_MAX = 64
"""RFC 5280, appendix A.1; a longer zone stands among the alternative names alone."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PEM_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says: DNS names in lower case, and from when to when it holds."""

    names: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime

    def covers(self, host: str) -> bool:
        """Tell whether the certificate holds for a host; `*` stands for one label (RFC 6125)."""
        host = host.lower()
        return host in self.names or "*." + host.partition(".")[2] in self.names


def make_certificate(zones: Sequence[str], entropy: Entropy, now: datetime) -> tuple[str, str]:
    """Return a self-signed certificate for the zones and every host in them, and its key, as PEM.

    The key follows from `entropy`; the signature does not, because ECDSA draws its own nonce.

    Raises:
        OperatorError: There is no zone.
    """
    if not zones:
        raise OperatorError("A certificate needs at least one zone.", "domain")
    key = _draw_key(entropy)
    names = [name for zone in zones for name in (zone, "*." + zone)]
    subject = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, zones[0])]
        if len(zones[0]) <= COMMON_NAME_LENGTH_MAX
        else []
    )
    begins_at = now - timedelta(
        days=draw_index(entropy, AGE_DAYS_MAX), seconds=3600 + draw_index(entropy, 86_400)
    )
    lifetime = timedelta(days=LIFETIME_DAYS_MIN + draw_index(entropy, LIFETIME_DAYS_SPAN))
    certificate = (
        _begin(subject, subject, key, entropy, begins_at, lifetime)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
            critical=not subject.rdns,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _write_certificate(certificate), _write_key(key)


def issue_client(
    authority: str, client: str, entropy: Entropy, begins_at: datetime
) -> tuple[str, str, str]:
    """Return an authority's certificate, a client's that it signed, and the client's key, as PEM.

    All of it follows from the arguments (ECDSA with the nonce of RFC 6979); the authority's key is
    forgotten, so that nothing else is ever signed by it.

    Args:
        authority: Common name of the authority.
        client: Common name of the client.
        entropy: What keys, serials and ages are drawn from.
        begins_at: From when the client's certificate holds; the authority is older.
    """
    signer, key = _draw_key(entropy), _draw_key(entropy)
    issuer, subject = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        for name in (authority, client)
    )
    issuer_key_id = x509.SubjectKeyIdentifier.from_public_key(signer.public_key())
    older = begins_at - timedelta(minutes=draw_index(entropy, 1_000_000))
    # Ten years, and 825 days: what Easy-RSA 3 gives both.
    root = _begin(issuer, issuer, signer, entropy, older, timedelta(days=3650))
    root = root.add_extension(issuer_key_id, critical=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    leaf = _begin(issuer, subject, key, entropy, begins_at, timedelta(days=825))
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id),
        critical=False,
    ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    signed = [
        _write_certificate(builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True))
        for builder in (root, leaf)
    ]
    return signed[0], signed[1], _write_key(key)


def key_matches(chain: bytes, key: bytes) -> bool:
    """Tell whether a PEM private key is the one of the first certificate of a PEM chain.

    Raises:
        OperatorError: There is no certificate, or no private key without a passphrase.
    """
    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OperatorError(
            "The key file holds no private key in PEM form without a passphrase.",
            "certificate_key",
        ) from error
    return private.public_key() == _first(chain).public_key()


def read_certificate(chain: bytes) -> CertificateFacts:
    """Return what the first certificate of a PEM chain says; raises OperatorError if there is none.

    Only the first counts: it is the server's own (RFC 8446 §4.4.2).
    """
    certificate = _first(chain)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = found.value.get_values_for_type(x509.DNSName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        names = []  # Names that no client can read cover no host.
    return CertificateFacts(
        tuple(name.lower() for name in names),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _draw_key(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    number = 1 + int.from_bytes(entropy(48), "big") % (_P256_ORDER - 1)
    return ec.derive_private_key(number, ec.SECP256R1())


def _begin(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    entropy: Entropy,
    begins_at: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(1 + int.from_bytes(entropy(SERIAL_SIZE), "big") // 2)
        .not_valid_before(begins_at)
        .not_valid_after(begins_at + lifetime)
    )


def _write_certificate(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _write_key(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _first(chain: bytes) -> x509.Certificate:
    first, end, _ = chain.partition(_PEM_END)
    try:
        return x509.load_pem_x509_certificate(first + end)
    except ValueError as error:
        raise OperatorError(
            "The certificate file holds no certificate in PEM form.", "certificate"
        ) from error
