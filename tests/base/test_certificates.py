import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from serinus.base.certificates import (
    AGE_DAYS_MAX,
    CertificateFacts,
    key_matches,
    make_certificate,
    read_certificate,
)
from serinus.base.errors import OperatorError

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def seeded(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


def made(*zones: str, seed: int = 1) -> tuple[bytes, bytes]:
    chain, key = make_certificate(zones, seeded(seed), NOW)
    return chain.encode(), key.encode()


def test_it_covers_the_zones_and_every_host_in_them() -> None:
    facts = read_certificate(made("files.example", "b.example")[0])
    for host in ("files.example", "FILES.example", "x1.files.example", "b.example", "y.b.example"):
        assert facts.covers(host)
    for host in ("example", "a.b.files.example", "evilfiles.example", "c.example"):
        assert not facts.covers(host)


@pytest.mark.parametrize("seed", range(8))
def test_it_holds_now_and_no_longer_than_clients_take(seed: int) -> None:
    facts = read_certificate(made("files.example", seed=seed)[0])
    assert facts.begins_at < NOW - timedelta(minutes=59)
    assert facts.begins_at > NOW - timedelta(days=AGE_DAYS_MAX + 1)
    assert facts.ends_at > NOW + timedelta(days=300)
    assert facts.ends_at - facts.begins_at <= timedelta(days=398)


def test_it_says_nothing_but_the_zones() -> None:
    certificate = x509.load_pem_x509_certificate(made("files.example")[0])
    assert certificate.subject.rfc4514_string() == "CN=files.example"
    assert certificate.issuer == certificate.subject
    assert {e.oid._name for e in certificate.extensions} == {"subjectAltName", "basicConstraints"}


def test_two_installations_share_nothing() -> None:
    one, other = (
        x509.load_pem_x509_certificate(made("files.example", seed=seed)[0]) for seed in (1, 2)
    )
    assert one.serial_number != other.serial_number
    assert one.not_valid_before_utc != other.not_valid_before_utc
    assert one.public_key() != other.public_key()


def test_a_zone_too_long_for_a_common_name_stands_among_the_names() -> None:
    zone = ".".join(["a" * 30] * 4) + ".example"
    chain, _ = made(zone)
    assert read_certificate(chain).covers("x." + zone)
    assert x509.load_pem_x509_certificate(chain).subject.rfc4514_string() == ""


def test_no_zone_is_one_sentence() -> None:
    with pytest.raises(OperatorError, match="at least one zone"):
        make_certificate((), seeded(1), NOW)


def test_a_key_is_known_as_its_own_and_no_other() -> None:
    chain, key = made("files.example", seed=1)
    _, other = made("files.example", seed=2)
    assert key_matches(chain, key)
    assert not key_matches(chain, other)
    assert key_matches(chain + made("b.example", seed=2)[0], key)


def test_a_key_with_a_passphrase_is_refused_in_words() -> None:
    chain, _ = made("files.example")
    locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    for key in (locked, b"", chain):
        with pytest.raises(OperatorError, match="no private key") as caught:
            key_matches(chain, key)
        assert caught.value.field == "certificate_key"


@pytest.mark.parametrize(
    "chain",
    [
        b"",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----END CERTIFICATE-----",
        bytes(range(256)),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(chain: bytes) -> None:
    with pytest.raises(OperatorError, match="no certificate in PEM form"):
        read_certificate(chain)


def test_a_certificate_without_names_covers_no_host() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.example")])
    plain = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    assert read_certificate(plain) == CertificateFacts((), NOW, NOW + timedelta(days=1))
    assert not read_certificate(plain).covers("files.example")
