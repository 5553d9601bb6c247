"""Flags that are made from declared fields: settings of `up`, options of kinds, destinations.

A secret has two flags, `--NAME` and `--NAME-file`: what is typed stands in the list of processes
for everybody on the machine to read; a file, "-" for standard input, or the question on a terminal
does not.
"""

import base64
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from serinus.base.errors import OperatorError
from serinus.cli.connection import TEXT_SIZE_MAX, read_text

FILE_SIZE_MAX = 32 * 1024 * 1024
"""Bytes of a file that is sent to the Console; it has the narrower bound, and says so."""
STANDARD_INPUT = "-"
_FILE = "_file"

FlagType = Literal["text", "number", "yes_no", "file", "list"]


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; without a default and `required` it must be given; a file has a bound in bytes."""

    name: str
    help: str
    type: FlagType = "text"
    default: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()
    secret: bool = False
    size_max: int = FILE_SIZE_MAX

    @property
    def flag(self) -> str:
        """The flag as it is typed."""
        return "--" + self.name.replace("_", "-")


def with_flags(
    command: Callable[..., None], flags: Sequence[Flag], name: str, help: str
) -> Callable[..., None]:
    """Return `command` with flags of its own.

    Args:
        command: Takes its fixed parameters by name, and `given`: values by the flags' names;
            None or () is what was not given.
        flags: In the order in which help shows them, before the fixed ones.
        name: What the new function is called.
        help: What its help says.
    """
    fixed = [p for p in signature(command).parameters.values() if p.name != "given"]
    known = {parameter.name for flag in flags for parameter in _parameters(flag)}

    def run(**values: Any) -> None:
        given = {key: value for key, value in values.items() if key in known}
        command(given=given, **{key: value for key, value in values.items() if key not in known})

    made = [parameter for flag in flags for parameter in _parameters(flag)]
    # PEP 362: what a function says of itself goes before what it is.
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [p.replace(kind=Parameter.KEYWORD_ONLY) for p in (*fixed[:1], *made, *fixed[1:])]
    )
    run.__name__, run.__doc__ = name, help
    return run


def read_flags(flags: Sequence[Flag], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given, for JSON: files in Base64, secrets from where they lie.

    Raises:
        OperatorError: A file cannot be read, or a secret that is needed is not there.
    """
    read = {flag.name: _read(flag, given) for flag in flags}
    return {name: value for name, value in read.items() if value is not None}


def _parameters(flag: Flag) -> list[Parameter]:
    if not flag.secret:
        return [_parameter(flag.name, _annotation(flag), flag.required)]
    from_file = typer.Option(
        f"{flag.flag}-file", metavar="PATH", help=f"File that holds {flag.flag}; - reads it."
    )
    return [
        _parameter(flag.name, _annotation(flag), False),
        _parameter(flag.name + _FILE, Annotated[str | None, from_file], False),
    ]


def _parameter(name: str, annotation: Any, required: bool) -> Parameter:
    default = Parameter.empty if required else None
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _annotation(flag: Flag) -> Any:
    help = flag.help + (f" Default: {flag.default}." if flag.default else "")
    match flag.type:
        case "yes_no":
            off = "--no-" + flag.name.replace("_", "-")
            return Annotated[bool | None, typer.Option(f"{flag.flag}/{off}", help=help)]
        case "list":
            return Annotated[list[str] | None, typer.Option(flag.flag, metavar="TEXT", help=help)]
        case "file":
            help += " - reads standard input."
            return Annotated[str | None, typer.Option(flag.flag, metavar="PATH", help=help)]
        case "number":
            return Annotated[int | None, typer.Option(flag.flag, metavar="NUMBER", help=help)]
        case "text":
            shown = "|".join(flag.choices) or "TEXT"
            return Annotated[str | None, typer.Option(flag.flag, metavar=shown, help=help)]


def _read(flag: Flag, given: Mapping[str, Any]) -> Any:
    value = given.get(flag.name)
    if flag.secret:
        return _read_secret(flag, value, given.get(flag.name + _FILE))
    if value in (None, [], ()):
        return None
    if flag.type == "list":
        return [part.strip() for text in value for part in text.split(",") if part.strip()]
    return base64.b64encode(_read_file(flag, value)).decode() if flag.type == "file" else value


def _read_secret(flag: Flag, value: str | None, path: str | None) -> str | None:
    if value is not None and path is not None:
        raise OperatorError(f"Give {flag.flag} or {flag.flag}-file, not both.", flag.name)
    if path == STANDARD_INPUT:
        return sys.stdin.read(TEXT_SIZE_MAX).strip()
    if path is not None:
        return read_text(path, f"{flag.flag}-file")
    if value is None and flag.required:
        if not sys.stdin.isatty():
            raise OperatorError(
                f"Missing {flag.flag}: give it, or {flag.flag}-file with the file that holds it.",
                flag.name,
            )
        return str(typer.prompt(flag.flag.lstrip("-"), hide_input=True, err=True))
    return value


def _read_file(flag: Flag, path: str) -> bytes:
    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(flag.size_max + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(flag.size_max + 1)
    except OSError as error:
        raise OperatorError(
            f"{flag.flag}: {path} cannot be read: {error.strerror}.", flag.name
        ) from error
    if len(content) > flag.size_max:
        raise OperatorError(f"{flag.flag}: {path} has more than {flag.size_max} bytes.", flag.name)
    return content
