"""SSH key pairs as OpenSSH writes them, the same for the same entropy.

Source: OpenSSH 9.2, PROTOCOL.key; RFC 8709 §4 for the public key. It is a door to `cryptography`.
"""

import base64
from textwrap import wrap

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from serinus.base.entropy import Entropy

_TYPE = b"ssh-ed25519"
_BLOCK_SIZE = 8
"""Bytes that an unencrypted private part is padded to."""
_LINE_LENGTH = 70


def make_ssh_key(entropy: Entropy, comment: str) -> tuple[str, str]:
    """Return a private key without a passphrase, and the line of its public key."""
    seed, check = entropy(32), entropy(4)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    blob = _string(_TYPE) + _string(public)
    private = check * 2 + blob + _string(seed + public) + _string(comment.encode())
    private += bytes(range(1, -len(private) % _BLOCK_SIZE + 1))
    whole = b"openssh-key-v1\0" + _string(b"none") * 2 + _string(b"") + (1).to_bytes(4, "big")
    text = base64.b64encode(whole + _string(blob) + _string(private)).decode()
    lines = "\n".join(wrap(text, _LINE_LENGTH))
    return (
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n",
        f"{_TYPE.decode()} {base64.b64encode(blob).decode()} {comment}",
    )


def _string(value: bytes) -> bytes:
    """Return a string of RFC 4251 §5."""
    return len(value).to_bytes(4, "big") + value
