"""The contract of a token kind, and the values that pass through it.

Rules:
- Options are frozen dataclasses whose fields are made by `option`; form, flags, API schema and
  reference page are generated from `options_schema`, and `read_options` is the only way in.
- Everything in a `Trip` is text for people: it went through `base.untrusted.readable`.
- An operator's text (memo, options) is never a template, a path or a format string.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, TypeVar, get_type_hints

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.base.untrusted import is_control
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.site import Site

MEMO_LENGTH_MAX = 2000
"""Characters: room for a page of notes, small enough to travel in every alert."""
FACTS_MAX = 64
"""Facts of one trip that a person is shown."""

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})


class Sureness(Enum):
    """Whether a test with the real client holds that a kind fires."""

    PROVEN = "proven"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Proof:
    """How sure we are that a kind fires, and with which clients a test has seen it."""

    sureness: Sureness
    clients: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.sureness is Sureness.PROVEN) != bool(self.clients):
            raise ValueError("a proof names its clients, and only a proof does")

    @property
    def sentence(self) -> str:
        """What a person reads of it."""
        if self.clients:
            return f"Proven with {', '.join(self.clients)}."
        return "Unverified: no test with a real client holds that it fires."


UNVERIFIED = Proof(Sureness.UNVERIFIED)


class Group(Enum):
    """What a kind is offered under."""

    PRIMITIVE = "Addresses"
    WEB = "Web pages"
    FILE = "Files that people open"
    CREDENTIAL = "Credentials and configurations"
    HOST = "Programs and hosts"
    WINDOWS = "Windows and macOS"


def proven(*clients: str) -> Proof:
    """Declare that tests in `tests/clients` have seen these clients trip the kind."""
    return Proof(Sureness.PROVEN, clients)


def option(
    label: str,
    help: str,
    *,
    default: Any = MISSING,
    max: int | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
    lines: bool = False,
) -> Any:
    """Declare one option of a kind.

    Args:
        label: What the form calls it.
        help: One sentence.
        default: Missing means that the option is required.
        max: Characters of a text, bytes of a file; required for both.
        choices: The only lawful texts, if there is such a list.
        secret: Not shown again once it is set.
        lines: The text may have several lines; no other control character is ever lawful.
    """
    about = {
        "label": label,
        "help": help,
        "max": max,
        "choices": choices,
        "secret": secret,
        "lines": lines,
    }
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Options:
    """Base of every kind's options; a kind without options uses it as it is.

    Raises:
        OperatorError: Names the field whose value is out of bounds.
    """

    def __post_init__(self) -> None:
        types = _option_types(type(self))
        for declared in fields(self):
            _check_value(declared, types[declared.name], getattr(self, declared.name))
        self.check()

    def check(self) -> None:
        """Raise OperatorError for what one field's bounds cannot say."""


@dataclass(frozen=True, slots=True)
class Token:
    """A minted token: its id, its kind's name, what was planted and where, and its options.

    Raises:
        OperatorError: The memo is empty or longer than `MEMO_LENGTH_MAX` characters.
    """

    id: TokenId
    kind: str
    memo: str
    options: Options
    created_at: datetime

    def __post_init__(self) -> None:
        if not self.memo.strip():
            raise OperatorError("Write a memo: what is planted, and where.", "memo")
        if len(self.memo) > MEMO_LENGTH_MAX:
            raise OperatorError(f"A memo has at most {MEMO_LENGTH_MAX} characters.", "memo")
        if self.created_at.utcoffset() != timedelta(0):
            raise ValueError("created_at is an aware UTC datetime")


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something to plant.

    Attributes:
        name: Unique within the kind, for the API and for `--artefact`.
        label: What a person reads.
        value: Text to copy, or what makes the bytes of a file: called when they are wanted, and
            once at mint where the owner gave a file, which an OperatorError of it refuses.
        media_type: Such as text/plain.
        file_name: Name to save it under, or None for text that is copied.
    """

    name: str
    label: str
    value: str | Callable[[], bytes]
    media_type: str = "text/plain"
    file_name: str | None = None

    def content(self) -> bytes:
        """Return what is saved under `file_name`; raises OperatorError if it cannot be made."""
        return self.value.encode() if isinstance(self.value, str) else self.value()


@dataclass(frozen=True, slots=True)
class Trip:
    """What a touch of a live token means: a sentence, and labelled facts, all harmless text."""

    summary: str
    facts: tuple[tuple[str, str], ...]


class Kind(Protocol):
    """A kind of token. Pure: everything follows from the arguments."""

    @property
    def name(self) -> str:
        """Lower-case word, unique, never changed once released."""

    @property
    def title(self) -> str:
        """What a person calls it."""

    @property
    def summary(self) -> str:
        """One sentence: what it is and when it fires."""

    @property
    def group(self) -> Group:
        """What it is offered under."""

    @property
    def planting(self) -> tuple[str, ...]:
        """Paragraphs: where to plant it, what makes it fire, what does not, how it may be spotted.

        Plain text, shown with the token and on the kind's page; at least one.
        """

    @property
    def proof(self) -> Proof:
        """How sure we are that it fires."""

    @property
    def options(self) -> type[Options]:
        """The type of its options."""

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return what to plant, the most useful first; at least one."""

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return what the touch means, or None if it is none of this token; never raises."""

    def answer(self, token: Token, site: Site) -> Answer | None:
        """Return what the edge is to serve, compiled at mint; None means the default surface."""


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option as forms, flags and API schemas see it; `type` is text, file, yes_no, number."""

    name: str
    label: str
    help: str
    type: str
    default: str | int | bool | None
    required: bool
    choices: tuple[str, ...]
    max: int | None
    secret: bool
    lines: bool


_TYPE_NAMES: dict[type, str] = {str: "text", bytes: "file", bool: "yes_no", int: "number"}


def options_schema(kind: Kind) -> list[OptionField]:
    """Describe a kind's options in the order of their declaration."""
    types = _option_types(kind.options)
    return [_describe_option(declared, types[declared.name]) for declared in fields(kind.options)]


def describe_kind(kind: Kind) -> dict[str, Any]:
    """Return what a kind is, as JSON values."""
    return {
        "name": kind.name,
        "title": kind.title,
        "summary": kind.summary,
        "group": kind.group.value,
        "planting": list(kind.planting),
        "proof": kind.proof.sureness.value,
        "clients": list(kind.proof.clients),
        "options": [asdict(known) for known in options_schema(kind)],
    }


def read_options(kind: Kind, values: Mapping[str, Any]) -> Options:
    """Return a kind's options from a form, flags or JSON.

    Args:
        kind: Whose options.
        values: By name. None is the same as not given; a file is bytes, or Base64 text; a yes_no
            is a bool or one of true, yes, on, 1, false, no, off, 0.

    Raises:
        OperatorError: Names the field that is unknown, missing or out of bounds.
    """
    types = _option_types(kind.options)
    known = {declared.name: declared for declared in fields(kind.options)}
    for name in values:
        if name not in known:
            offered = ", ".join(known) or "no options"
            raise OperatorError(
                f"A token of kind {kind.name} has no option {name!r}; it has {offered}.", name
            )
    read: dict[str, Any] = {}
    for name, declared in known.items():
        value = values.get(name)
        if declared.default is MISSING and value in (None, "", b""):
            raise OperatorError(f"{_label(declared)} is missing: give {name}.", name)
        if value is not None:
            read[name] = _typed(declared, types[name], value)
    return kind.options(**read)


def write_options(options: Options) -> dict[str, str | int | bool]:
    """Return options as JSON values that `read_options` reads back; files are Base64."""
    values = {declared.name: getattr(options, declared.name) for declared in fields(options)}
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in values.items()
    }


_OptionsT = TypeVar("_OptionsT", bound=Options)


def options_of(token: Token, kind_options: type[_OptionsT]) -> _OptionsT:
    """Return the token's options as its kind's own type; TypeError if they are another's."""
    if not isinstance(token.options, kind_options):
        raise TypeError(f"options of a {token.kind} token, not {kind_options.__name__}")
    return token.options


def _describe_option(declared: "Field[Any]", type_: type) -> OptionField:
    required = declared.default is MISSING
    default: Any = None if required or type_ is bytes else declared.default
    return OptionField(
        name=declared.name,
        type=_TYPE_NAMES[type_],
        default=default,
        required=required,
        **declared.metadata,
    )


def _option_types(options: type[Options]) -> dict[str, Any]:
    """Return the options' types by name."""
    # `Any`: mypy takes the hash of a frozen dataclass for that of its class.
    key: Any = options
    return _read_hints(key)


@lru_cache(maxsize=256)
def _read_hints(options: Any) -> dict[str, Any]:
    """Working them out anew each time would double the cost of reading a token."""
    return get_type_hints(options)


def _label(declared: "Field[Any]") -> str:
    return str(declared.metadata["label"])


def _typed(declared: "Field[Any]", type_: type, value: Any) -> Any:
    name = declared.name
    if type_ is bytes and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise OperatorError(f"{_label(declared)} is not Base64 text.", name) from None
    if type_ is bool and isinstance(value, str):
        word = value.strip().lower()
        if word not in _YES | _NO:
            raise OperatorError(f"{_label(declared)} is yes or no.", name)
        return word in _YES
    if type_ is int and isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise OperatorError(f"{_label(declared)} is a whole number.", name) from None
    if type_ is str and declared.metadata["lines"] and isinstance(value, str):
        # Browsers send a form's line ends as CR LF (WHATWG HTML, form-data encoding).
        return value.replace("\r\n", "\n")
    return value


def _check_value(declared: "Field[Any]", type_: type, value: Any) -> None:
    about, label, name = declared.metadata, _label(declared), declared.name
    if type(value) is not type_:
        raise OperatorError(f"{label} is of type {_TYPE_NAMES[type_]}.", name)
    bound = about["max"]
    if bound is not None:
        if isinstance(value, int) and not 0 <= value <= bound:
            raise OperatorError(f"{label} is a number from 0 to {bound}.", name)
        if isinstance(value, (str, bytes)) and len(value) > bound:
            unit = "bytes" if isinstance(value, bytes) else "characters"
            raise OperatorError(f"{label} has at most {bound} {unit}.", name)
    if about["choices"] and value not in about["choices"]:
        raise OperatorError(f"{label} is one of {', '.join(about['choices'])}.", name)
    if isinstance(value, str) and not value.isprintable():
        allowed = "\n\t" if about["lines"] else ""
        if any(is_control(c) and c not in allowed for c in value):
            raise OperatorError(
                f"{label} may not contain control characters, nor ones that turn text around.", name
            )
