"""RSA keys that follow from entropy."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from serinus.base.ids import TokenId
from serinus.base.rsa_keys import make_rsa_key
from serinus.tokens.site import Site


def test_the_same_bytes_make_the_same_key_and_others_another() -> None:
    site = Site("example.net", "http://example.net", bytes(32))
    one, again, other = (make_rsa_key(site.entropy(TokenId(name), "key")) for name in "aab")
    assert one == again != other


def test_a_key_is_one_that_others_take() -> None:
    for number in range(4):
        site = Site("example.net", "http://example.net", bytes([number]) * 32)
        pem = make_rsa_key(site.entropy(TokenId("a"), "key"))
        # Loading checks that its numbers belong together and that the factors are prime.
        key = load_pem_private_key(pem.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == 2048
        assert pem.startswith("-----BEGIN PRIVATE KEY-----\n")
