"""Forms: fields generated from declared options and settings, and what a browser posted for them.

What is lawful is decided by the declarations alone; a form only carries text, and shows the
sentence of the error at the field that it names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any

from django.http import HttpRequest

from serinus.alerts.destination import Destination
from serinus.base.errors import OperatorError
from serinus.console.actions.minting import MASK
from serinus.console.actions.preferences import Preferences
from serinus.tokens.kind import OptionField

CHECKED = "yes"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as the template shows it.

    Attributes:
        type: text, lines, password, number, file, yes_no or choice.
        value: What it holds now; of a secret that is set, the mask.
        error: What is wrong with it, or "".
    """

    name: str
    label: str
    help: str = ""
    type: str = "text"
    value: str = ""
    required: bool = False
    choices: Sequence[str] = ()
    max: int | None = None
    min: int | None = None
    error: str = ""
    autocomplete: str = "off"


def option_fields(options: Iterable[OptionField]) -> list[FormField]:
    """Return the fields of a kind's options, holding their defaults."""
    return [
        FormField(
            name=known.name,
            label=known.label,
            help=known.help,
            type=_option_type(known),
            value=_show(known.default),
            required=known.required,
            choices=known.choices,
            max=known.max,
        )
        for known in options
    ]


def setting_fields(
    destination: Destination, values: Mapping[str, Any] | None = None
) -> list[FormField]:
    """Return the fields of a destination's settings, holding `values`, else their defaults."""
    return [_setting_field(declared, values) for declared in fields(destination.settings)]


def preference_fields(preferences: Preferences) -> list[FormField]:
    """Return the fields of what owners may change."""
    return [
        FormField(
            name=declared.name,
            label=f"{declared.metadata['label']} ({declared.metadata['unit']})",
            help=declared.metadata["help"],
            type="number",
            value=str(getattr(preferences, declared.name)),
            required=True,
            max=declared.metadata["max"],
            min=declared.metadata["min"],
        )
        for declared in fields(preferences)
    ]


def read_posted(request: HttpRequest, known: Iterable[FormField]) -> dict[str, Any]:
    """Return what was posted for these fields; what is empty counts as not given."""
    values: dict[str, Any] = {}
    for field in known:
        if field.type == "file":
            file = request.FILES.get(field.name)
            if file is not None:
                values[field.name] = file.read()
        elif field.type == "yes_no":
            values[field.name] = request.POST.get(field.name) == CHECKED
        elif request.POST.get(field.name, ""):
            values[field.name] = request.POST[field.name]
    return values


def fill_in(
    known: Iterable[FormField], request: HttpRequest, error: OperatorError | None = None
) -> list[FormField]:
    """Return the fields as they were posted, with the error at the one that it names."""
    return [
        replace(
            field,
            # What is secret is typed again rather than sent back.
            value=field.value if field.type in ("file", "password") else _posted(request, field),
            error=error.sentence if error and error.field == field.name else "",
        )
        for field in known
    ]


def general_error(known: Iterable[FormField], error: OperatorError) -> str:
    """Return the sentence of an error that names none of these fields."""
    return "" if error.field in {field.name for field in known} else error.sentence


def read_numbers(request: HttpRequest, name: str) -> list[int]:
    """Return the primary keys that were ticked; what is no number was not made by our form."""
    texts = request.POST.getlist(name)
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _posted(request: HttpRequest, field: FormField) -> str:
    return request.POST.get(field.name, "")


def _option_type(known: OptionField) -> str:
    if known.choices:
        return "choice"
    if known.lines:
        return "lines"
    return "password" if known.secret else known.type


def _setting_field(declared: "Field[Any]", values: Mapping[str, Any] | None) -> FormField:
    about = declared.metadata
    required = declared.default is MISSING
    default = "" if required else declared.default
    value = default if values is None else values.get(declared.name, default)
    plain = "number" if declared.type is int else "text"
    type_ = "choice" if about["choices"] else "password" if about["secret"] else plain
    return FormField(
        name=declared.name,
        label=about["label"],
        help=about["help"] + (f" Leave {MASK} to keep it." if value == MASK else ""),
        type=type_,
        value=_show(value),
        required=required,
        choices=about["choices"],
        # Browsers would fill in the password of whoever is signed in.
        autocomplete="new-password" if type_ == "password" else "off",
    )


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return CHECKED if value else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
