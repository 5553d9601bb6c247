"""What a believable thing is made of, drawn per token: people, words, dates, secrets.

Rules:
- Everything follows from the deployment's seed, the token's id and a purpose, in the order in
  which it is drawn: the same tomorrow, and never the same in two deployments.
- Nothing real is meant: no account, key or person of anybody.
- Lists of words are long, so that no word of them marks a file as ours.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from serinus.base.entropy import draw_index, draw_text
from serinus.tokens.kind import Token
from serinus.tokens.site import Site

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
ALPHANUMERIC = LETTERS + LETTERS.upper() + DIGITS
BASE64 = ALPHANUMERIC + "+/"
HEX = DIGITS + "abcdef"

_Item = TypeVar("_Item")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Adam Alex Alice Amir Ana Andrea Anna Anton Ben Beth Carla Carlos Chloe Chris Clara Daniel "
    "David Diana Elena Eli Emma Eric Eva Felix Fiona Frank Gina Grace Hannah Helen Hugo Ian "
    "Ines Ivan Jack Jana Jen Joel Jonas Julia Karen Kate Kim Lara Laura Lea Leo Lena Liam Lisa "
    "Luca Lucy Luis Marco Maria Mark Marta Martin Max Maya Mia Mike Mira Nadia Nick Nina Noah "
    "Nora Olga Omar Oscar Paul Paula Peter Petra Rachel Ravi Rita Robin Rosa Ruth Sam Sara "
    "Simon Sofia Stefan Tara Theo Tim Tina Tom Vera Victor Will Yara Yusuf Zoe"
)
LAST_NAMES = _words(
    "Adams Alvarez Andersen Bailey Baker Barnes Becker Bennett Berg Braun Brooks Carter Chen "
    "Clarke Costa Cruz Davies Dawson Diaz Dubois Duncan Ellis Evans Ferrari Fischer Fleming "
    "Foster Garcia Gibson Graham Grant Green Hall Hansen Harris Hayes Hoffman Hughes Ivanov "
    "Jansen Jensen Johnson Jordan Keller Kelly Khan Klein Kowalski Lambert Larsen Lewis Lopez "
    "Marino Martin Meyer Miller Moore Moreau Morgan Murphy Nguyen Nielsen Novak Olsen Ortiz "
    "Owens Palmer Park Patel Perez Petrov Price Quinn Reed Reyes Rossi Russo Santos Schmidt "
    "Silva Singh Smith Stone Sullivan Taylor Turner Vargas Wagner Walker Ward Weber White "
    "Wilson Wood Wright Young Zimmer"
)
PROJECTS = _words(
    "acorn amber anchor apollo aspen atlas aurora badger basalt beacon birch bishop bluebird "
    "boulder bridge cedar cobalt comet compass copper coral cosmos crane cypress delta denali "
    "dolphin eagle echo eclipse elm ember falcon fern fjord forge galaxy garnet glacier granite "
    "harbor hawk hazel heron horizon indigo iris ivory jade jasper juniper kestrel lagoon "
    "lantern lark laurel lichen lotus lynx magnet maple marble mercury meteor mistral nimbus "
    "nova oak ocean olive onyx opal orca orion osprey otter pebble pelican phoenix pine plateau "
    "prism quartz raven redwood ridge river robin saffron sage sierra slate sparrow summit "
    "tango teal tempest thistle thunder tundra umbra vega vertex violet walnut willow zenith "
    "zephyr"
)
ROLES = _words(
    "admin analytics api app archive audit auth backup batch billing build cache ci cms crm "
    "data db deploy dev docs edge etl export finance gateway git grafana hr import infra jobs "
    "lab ldap legacy logs mail metrics migrate monitor nas ops orders partner payments portal "
    "print prod proxy queue release replica reports reporting runner sales search service sftp "
    "shop sso staging stats stock storage support sync test vault warehouse web wiki worker"
)


class Person(NamedTuple):
    """Somebody who does not exist."""

    first: str
    last: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def login(self) -> str:
        """A user name in lower case."""
        return f"{self.first[0]}{self.last}".lower()


class Draw:
    """Draws for one token and purpose; ask in the same order, and the same comes.

    Args:
        token: For which.
        site: The deployment, whose seed it follows.
        purpose: Keeps two artefacts of one token apart.
    """

    def __init__(self, token: Token, site: Site, purpose: str) -> None:
        self._created_at = token.created_at
        self._entropy = site.entropy(token.id, purpose)

    def bytes(self, size: int) -> bytes:
        """Return `size` bytes."""
        return self._entropy(size)

    def one(self, items: Sequence[_Item]) -> _Item:
        """Return one of the items."""
        return items[draw_index(self._entropy, len(items))]

    def shuffled(self, items: Iterable[_Item]) -> list[_Item]:
        """Return the items in a drawn order."""
        left = list(items)
        return [left.pop(draw_index(self._entropy, len(left))) for _ in range(len(left))]

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + draw_index(self._entropy, high - low + 1)

    def text(self, alphabet: str, length: int) -> str:
        """Return `length` characters of an alphabet."""
        return draw_text(self._entropy, alphabet, length)

    def person(self) -> Person:
        """Return a person."""
        return Person(self.one(FIRST_NAMES), self.one(LAST_NAMES))

    def account(self) -> str:
        """Return the name of a user, or of a program that signs in."""
        forms = (
            self.person().login,
            f"svc-{self.one(ROLES)}",
            f"{self.one(PROJECTS)}-{self.one(ROLES)}",
            f"{self.one(ROLES)}-{self.one(('bot', 'ci', 'ro', 'rw', 'user'))}",
        )
        return self.one(forms)

    def password(self) -> str:
        """Return a password of letters and digits, which mean themselves everywhere.

        It has no words: several from one list of ours would mark a file.
        """
        alphabet = self.one((ALPHANUMERIC, ALPHANUMERIC, LETTERS + DIGITS, HEX))
        return self.text(alphabet, self.number(14, 24))

    def uuid(self) -> str:
        """Return a random UUID (RFC 9562 §5.4)."""
        return str(UUID(bytes=self.bytes(16), version=4))

    def before(self, days_max: int) -> datetime:
        """Return a working moment in UTC up to `days_max` days before the token was minted."""
        at = self._created_at - timedelta(days=self.number(1, days_max))
        hour, minute, second = self.number(7, 17), self.number(0, 59), self.number(0, 59)
        return at.replace(hour=hour, minute=minute, second=second, microsecond=0)
