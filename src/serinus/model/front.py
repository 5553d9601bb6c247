"""The face of a deployment on the wire: drawn at first start, so that no two look alike."""

import json
from dataclasses import asdict, dataclass

from serinus.base.entropy import Entropy, draw_index
from serinus.base.errors import OperatorError

_NAME_SERVERS = (("ns1", "ns2"), ("dns1", "dns2"), ("a", "b"), ("ns-a", "ns-b"), ("pdns1", "pdns2"))
_TTLS_S = (30, 60, 120, 180, 300)
_DIALECTS = ("nginx", "apache")
_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Front:
    """What an intruder sees of this deployment besides its names.

    Attributes:
        dialect: The web server that the HTTP front speaks like: "nginx" or "apache".
        name_servers: First labels of the two name servers under each zone.
        serial: Serial of the zones (RFC 1982).
        ttl: Seconds an address answer may be kept.
        pixel: Hexadecimal bytes of the picture that a picture's path gets (GIF).
        modified: Unix time that static files claim as their last change.
    """

    dialect: str
    name_servers: tuple[str, ...]
    serial: int
    ttl: int
    pixel: str
    modified: int


def draw_front(entropy: Entropy, now: float) -> Front:
    """Draw the face of a new deployment."""
    return Front(
        dialect=_DIALECTS[draw_index(entropy, len(_DIALECTS))],
        name_servers=_NAME_SERVERS[draw_index(entropy, len(_NAME_SERVERS))],
        serial=1 + draw_index(entropy, 2**31 - 1),
        ttl=_TTLS_S[draw_index(entropy, len(_TTLS_S))],
        pixel=_draw_pixel(entropy).hex(),
        modified=int(now) - draw_index(entropy, _YEAR_S),
    )


def write_front(front: Front) -> str:
    """Return the front as JSON."""
    return json.dumps(asdict(front))


def read_front(text: str) -> Front:
    """Return the front that `write_front` wrote; raises OperatorError if it is damaged."""
    try:
        found = json.loads(text)
        return Front(**{**found, "name_servers": tuple(found["name_servers"])})
    except (ValueError, TypeError, KeyError) as error:
        raise OperatorError("The front file is damaged; restore it from a backup.") from error


def _draw_pixel(entropy: Entropy) -> bytes:
    """A transparent GIF (CompuServe GIF89a) of 1 × 1 with colours and a comment of its own."""
    comment = entropy(4 + draw_index(entropy, 12)).hex().encode()
    return b"".join(
        (
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
            entropy(6),
            b"\x21\xfe" + bytes([len(comment)]) + comment + b"\x00",
            b"\x21\xf9\x04\x01\x00\x00\x00\x00",
            b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b",
        )
    )
