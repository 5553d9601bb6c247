"""RSA keys that follow from entropy: the same drawn bytes, the same key. A door to `cryptography`.

They are for what is planted, and protect nothing: a prime is the first one from a drawn number on,
and is told by chance (Miller and Rabin; FIPS 186-5, appendix B.3.1).
"""

from math import lcm

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from serinus.base.entropy import Entropy

KEY_SIZE = 2048
"""Bits: what Google, Azure and ssh-keygen's older versions make."""
EXPONENT = 65537
_ROUNDS = 5
"""Of Miller and Rabin: for a random number of 1024 bits, one passes by error in 2^112."""
_SIEVE_MAX = 2000
"""Divisors tried first; they spare nine tenths of the costly rounds."""


def make_rsa_key(entropy: Entropy) -> str:
    """Return a private key as PEM (PKCS #8, no password); that takes half a second."""
    p, q = sorted((_draw_prime(entropy), _draw_prime(entropy)), reverse=True)
    d = pow(EXPONENT, -1, lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), public
    )
    return (
        numbers.private_key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _draw_prime(entropy: Entropy) -> int:
    """Return a prime of half a key's bits, its two highest bits set, that suits the exponent."""
    bits = KEY_SIZE // 2
    number = int.from_bytes(entropy(bits // 8), "big") | (0b11 << (bits - 2)) | 1
    while number % EXPONENT == 1 or not _is_prime(number):
        number += 2
    return number


def _is_prime(number: int) -> bool:
    if any(number % divisor == 0 for divisor in _DIVISORS):
        return False
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    return all(_passes(number, base, odd, twos) for base in _DIVISORS[:_ROUNDS])


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


_DIVISORS = [n for n in range(3, _SIEVE_MAX, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]
