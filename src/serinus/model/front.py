"""The face of a deployment on the wire: drawn at first start, so that no two look alike."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from serinus.base.entropy import Entropy, draw_index
from serinus.base.errors import OperatorError

_NAME_SERVERS = (("ns1", "ns2"), ("dns1", "dns2"), ("a", "b"), ("ns-a", "ns-b"), ("pdns1", "pdns2"))
_TTLS_S = (30, 60, 120, 180, 300)
_DIALECTS = ("nginx", "apache")
_MAILBOXES = ("hostmaster", "dnsadmin", "admin", "noc", "dns", "root")
_REFRESHES_S = (7_200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400)
_RETRIES_S = (600, 900, 1_800, 3_600, 5_400)
_EXPIRES_S = (604_800, 1_209_600, 2_419_200, 3_600_000)
_YEAR_S = 365 * 24 * 3600

_Choice = TypeVar("_Choice")


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
        mailbox: First label of the zones' mailbox.
        soa_times: Seconds of the zones: refresh, retry, expire (RFC 1035 §3.3.13; RFC 1912 §2.2
            wants a retry well below the refresh).
    """

    dialect: str
    name_servers: tuple[str, ...]
    serial: int
    ttl: int
    pixel: str
    modified: int
    # What deployments had whose file is older than these two fields.
    mailbox: str = "hostmaster"
    soa_times: tuple[int, int, int] = (86_400, 7_200, 3_600_000)


def draw_front(entropy: Entropy, now: float) -> Front:
    """Draw the face of a new deployment."""
    return Front(
        dialect=_draw(entropy, _DIALECTS),
        name_servers=_draw(entropy, _NAME_SERVERS),
        serial=1 + draw_index(entropy, 2**31 - 1),
        ttl=_draw(entropy, _TTLS_S),
        pixel=_draw_pixel(entropy).hex(),
        modified=int(now) - draw_index(entropy, _YEAR_S),
        mailbox=_draw(entropy, _MAILBOXES),
        soa_times=(
            _draw(entropy, _REFRESHES_S),
            _draw(entropy, _RETRIES_S),
            _draw(entropy, _EXPIRES_S),
        ),
    )


def write_front(front: Front) -> str:
    """Return the front as JSON."""
    return json.dumps(asdict(front))


def read_front(text: str) -> Front:
    """Return the front that `write_front` wrote; raises OperatorError if it is damaged."""
    try:
        found = json.loads(text)
        front = Front(**{**found, "name_servers": tuple(found["name_servers"])})
        refresh, retry, expire = map(int, front.soa_times)
        return replace(front, soa_times=(refresh, retry, expire))
    except (ValueError, TypeError, KeyError) as error:
        raise OperatorError("The front file is damaged; restore it from a backup.") from error


def _draw(entropy: Entropy, choices: Sequence[_Choice]) -> _Choice:
    return choices[draw_index(entropy, len(choices))]


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
