"""What any text that people type must be, before it is kept."""

from serinus.base.errors import OperatorError
from serinus.base.untrusted import is_control


def check_text(text: str, field: str, length_max: int, lines: bool = False) -> str:
    """Return `text` without blanks at its ends.

    Args:
        text: What was typed.
        field: What an error names.
        length_max: Characters that are kept.
        lines: It may have several lines; no other control character is ever lawful.

    Raises:
        OperatorError: It is empty, too long, or holds what no database keeps.
    """
    text = text.replace("\r\n", "\n").strip() if lines else text.strip()
    label = field.replace("_", " ").capitalize()
    if not text:
        raise OperatorError(f"{label} is missing: write at least one character.", field)
    if len(text) > length_max:
        raise OperatorError(f"{label} has at most {length_max} characters.", field)
    allowed = "\n\t" if lines else ""
    if any(is_control(c) and c not in allowed for c in text):
        raise OperatorError(
            f"{label} may not contain control characters, nor ones that turn text around.", field
        )
    return text
