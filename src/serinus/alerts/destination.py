"""The contract of a destination: settings in, an outgoing message out, a reply judged.

Rules:
- A destination composes and judges; `serinus.net` carries. Neither waits nor retries.
- Composing is pure: the same alert, settings and time give the same bytes.
- Retries live with whoever calls: `next_attempt` says when, `ATTEMPTS_MAX` says when to stop.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from serinus.alerts.alert import Alert
from serinus.base.entropy import Entropy
from serinus.base.errors import OperatorError
from serinus.base.untrusted import readable

DELAY_MIN_S = 10
"""The first retry: long enough for a server that restarts."""
DELAY_MAX_S = 4 * 3600
"""Between retries: short enough that a server repaired in the morning is found before noon."""
ATTEMPTS_MAX = 24
"""Attempts before an alert is a dead letter: with the delays above more than one day and up to two
and a half, so that a mail server that is down from evening to morning loses nothing."""
WORDS_LENGTH_MAX = 500
"""Characters of a server's own words that are kept and shown."""
VALUE_LENGTH_MAX = 4096
"""Characters of one setting."""


class Security(StrEnum):
    """How a mail connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; the login is empty where none is wanted."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message for a mail server: RFC 5322 bytes with CRLF line ends."""

    server: MailServer
    sender: str
    recipients: tuple[str, ...]
    message: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """An HTTP POST."""

    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes


@dataclass(frozen=True, slots=True)
class AppriseMessage:
    """A message for one Apprise URL."""

    url: str = field(repr=False)
    title: str
    body: str


Outgoing = Mail | Post | AppriseMessage


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an outgoing message.

    Attributes:
        ok: The other end took it.
        status: The protocol's code, or None where none came.
        text: The other end's own words, or the fault of the network, made readable.
        transient: A fault that may pass by itself.
    """

    ok: bool
    status: int | None
    text: str
    transient: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", readable(self.text, WORDS_LENGTH_MAX))


class Outcome(StrEnum):
    """What to do after an attempt."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an attempt, with the server's own words."""

    outcome: Outcome
    words: str


class Destination(Protocol):
    """A way in which people are told; one file in `destinations/`.

    Attributes:
        name: Stable identifier, as the API and the CLI write it.
        title: What people call it.
        settings: Frozen dataclass; each field was declared by `setting`.
    """

    name: str
    title: str
    # `Any`: every destination takes its own settings type, and a catalogue holds them all.
    settings: type[Any]

    def compose(self, alert: Alert, settings: Any, now: datetime) -> Outgoing:
        """Return the message for `alert`; `now` is aware."""
        ...

    def judge(self, reply: Reply) -> Verdict:
        """Say what a reply means for this destination."""
        ...


def setting(
    label: str,
    help: str,
    default: Any = MISSING,
    *,
    secret: bool = False,
    place: bool = False,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one setting of a destination; without a default it must be given.

    Args:
        label: Its name in a form.
        help: A sentence about it.
        default: The value that an empty form field means.
        secret: It is never shown again and never exported.
        place: It says where the secrets are sent, so they are typed again when it changes.
        choices: The only values allowed, or () for any.
    """
    metadata = {
        "label": label,
        "help": help,
        "secret": secret,
        "place": place,
        "choices": choices,
    }
    if default is MISSING:
        return field(metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


def read_settings(destination: Destination, values: Mapping[str, Any]) -> Any:
    """Return the settings of `destination` from the values of a form, the API or the database.

    Texts are stripped; a list may be written with commas; an empty value counts as not given.

    Raises:
        OperatorError: Names the field that is missing, unknown or wrong.
    """
    known = {declared.name: declared for declared in fields(destination.settings)}
    for name in values:
        if name not in known:
            raise OperatorError(
                f"{destination.title} has no setting {readable(name, 40)!r}.", readable(name, 40)
            )
    typed: dict[str, Any] = {}
    for name, declared in known.items():
        given = values.get(name)
        if isinstance(given, str):
            given = given.strip()
        if given in (None, "", [], ()):
            if declared.default is MISSING:
                raise OperatorError(f"{destination.title} needs {_label(declared)}.", name)
            continue
        typed[name] = _typed(declared, given)
    return destination.settings(**typed)


def next_attempt(attempt: int, entropy: Entropy) -> float:
    """Return how many seconds to wait after failed attempt number `attempt` (the first is 1).

    The delay doubles from `DELAY_MIN_S` to `DELAY_MAX_S`; chance takes up to half of it away, so
    that alerts that failed together do not return together.
    """
    delay = min(DELAY_MAX_S, DELAY_MIN_S * 2 ** min(max(attempt - 1, 0), 32))
    share = int.from_bytes(entropy(4), "big") / 2**32
    return float(delay * (1 - share / 2))


def judge_transience(reply: Reply) -> Verdict:
    """Judge by the carrier's own word on whether the fault may pass."""
    if reply.ok:
        return Verdict(Outcome.DELIVERED, reply.text)
    return Verdict(Outcome.AGAIN if reply.transient else Outcome.GIVE_UP, reply.text)


def summary_rows(alert: Alert) -> list[tuple[str, str]]:
    """Return what a person should read below the headline, most telling first."""
    rows = [
        ("Memo", alert.memo),
        ("Touched", alert.touched),
        ("From", alert.source),
        *alert.source_facts,
        ("Time", alert.at.strftime("%Y-%m-%d %H:%M:%S %Z")),
        ("Kind", alert.kind),
        ("Touches", str(alert.touches) if alert.touches else ""),
        *alert.facts,
    ]
    return [(label, value) for label, value in rows if value]


def _label(declared: "Field[Any]") -> str:
    return str(declared.metadata["label"])


def _typed(declared: "Field[Any]", given: Any) -> Any:
    name, label = declared.name, _label(declared)
    if declared.type is int:
        # JSON's 1e999 is an infinity, and its true is 1 to Python.
        try:
            return int(given if type(given) in (int, str) else "")
        except ValueError:
            raise OperatorError(f"{label} is a whole number.", name) from None
    if declared.type == tuple[str, ...]:
        parts = given.split(",") if isinstance(given, str) else given
        if not isinstance(parts, list | tuple):
            raise OperatorError(f"{label} is a list separated by commas.", name)
        return tuple(_text(declared, part).strip() for part in parts if str(part).strip())
    text = _text(declared, given)
    choices = declared.metadata["choices"]
    if choices and text not in choices:
        raise OperatorError(f"{label} is one of {', '.join(choices)}.", name)
    return text


def _text(declared: "Field[Any]", given: Any) -> str:
    if not isinstance(given, str):
        raise OperatorError(f"{_label(declared)} is text.", declared.name)
    if len(given) > VALUE_LENGTH_MAX or readable(given, VALUE_LENGTH_MAX) != given:
        raise OperatorError(
            f"{_label(declared)} is one line of at most {VALUE_LENGTH_MAX} visible characters.",
            declared.name,
        )
    return given
