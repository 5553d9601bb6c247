"""A deployment as its tokens see it: where they live, and what their addresses look like.

Rules:
- What is drawn for a token follows from the deployment's seed and the token's id alone, so that
  it is the same tomorrow; another deployment draws otherwise.
- A path is made of words that any web server has. The id is always a segment of its own.
"""

from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote, urlsplit

from serinus.base.entropy import Entropy, draw_index
from serinus.base.ids import TokenId

SEED_SIZE = 32
"""Bytes: the size of a BLAKE2 key that cannot be guessed."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DIRECTORIES = _words(
    "assets static media images img files public content resources uploads shared pub cdn data "
    "theme layout common docs pages archive items library gallery attachments store web site "
    "download view portal start misc main"
)
PICTURES = _words(
    "logo header banner icon footer divider spacer bg button arrow avatar thumb cover "
    "background top line dot badge mark photo"
)
PAGES = _words(
    "index home overview details summary report status help info list about notes main page "
    "document welcome login account contact news"
)
_PICTURE_ENDINGS = frozenset({".gif", ".png", ".jpg", ".jpeg", ".svg", ".webp", ".ico"})


@dataclass(frozen=True, slots=True)
class Site:
    """Where a deployment's tokens live.

    Attributes:
        zone: The zone that new tokens use, lower case, no dot at the end.
        url_base: What a URL begins with, scheme and host, no slash at the end.
        seed: `SEED_SIZE` secret bytes, drawn once per deployment.
    """

    zone: str
    url_base: str
    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise ValueError(f"a seed has {SEED_SIZE} bytes")
        if not self.zone or self.zone != self.zone.lower().strip("."):
            raise ValueError("a zone is lower case, without dots at its ends")
        if not self.url_base.startswith(("http://", "https://")) or self.url_base.endswith("/"):
            raise ValueError("a URL base begins with http(s):// and does not end in a slash")

    def url(self, token_id: TokenId, suffix: str = "") -> str:
        """Return the token's URL.

        Args:
            token_id: The token's id, a segment of the path.
            suffix: An ending such as `.gif` for a drawn name; a whole file name such as
                `plan.pdf`; or nothing for a drawn name without an ending.
        """
        directory, name = self._path(token_id, suffix)
        return f"{self.url_base}/{directory}/{token_id}/{name}"

    def host_url(self, token_id: TokenId, suffix: str = "") -> str:
        """Return a URL on the token's own name, whose lookup alone fires; `suffix` as of `url`."""
        directory, name = self._path(token_id, suffix)
        return f"{self.origin(token_id)}/{directory}/{name}"

    def _path(self, token_id: TokenId, suffix: str) -> tuple[str, str]:
        draw = self.entropy(token_id, "path")
        directory = DIRECTORIES[draw_index(draw, len(DIRECTORIES))]
        stems = PICTURES if suffix in _PICTURE_ENDINGS else PAGES
        stem = stems[draw_index(draw, len(stems))]
        name = stem + suffix if not suffix or suffix.startswith(".") else suffix
        return directory, quote(name, safe="")

    def hostname(self, token_id: TokenId) -> str:
        """Return the token's name in the zone."""
        return f"{token_id}.{self.zone}"

    def origin(self, token_id: TokenId, user: str = "") -> str:
        """Return scheme, the token's own name and port: a client fires when it looks the name up.

        Args:
            token_id: The token's id.
            user: What stands before `@`, such as `name:password`; already in percent form.
        """
        before = f"{user}@" if user else ""
        return f"{self.scheme}://{before}{self.authority(token_id)}"

    def authority(self, token_id: TokenId) -> str:
        """Return the token's own name, and the port where a URL needs one (RFC 3986 §3.2)."""
        port = urlsplit(self.url_base).port
        return f"{self.hostname(token_id)}{f':{port}' if port else ''}"

    @property
    def scheme(self) -> str:
        """What URLs begin with: http or https."""
        return self.url_base.partition(":")[0]

    def entropy(self, token_id: TokenId, purpose: str) -> Entropy:
        """Return a stream of bytes that is always the same for this token and purpose.

        Block n is BLAKE2b (RFC 7693) keyed with the seed over `purpose NUL id NUL n` (n as
        8 bytes, big-endian).
        """
        start = f"{purpose}\0{token_id}\0".encode()
        count, kept = 0, b""

        def take(size: int) -> bytes:
            nonlocal count, kept
            while len(kept) < size:
                kept += blake2b(start + count.to_bytes(8, "big"), key=self.seed).digest()
                count += 1
            taken, kept = kept[:size], kept[size:]
            return taken

        return take
