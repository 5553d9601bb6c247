"""TXT values by which a certificate authority is shown that a zone is ours (RFC 8555 §8.4)."""

import re
from collections.abc import Sequence

from serinus.base.errors import OperatorError
from serinus.console.deployment import load_deployment

PREFIX = "_acme-challenge."
NAME_LENGTH_MAX = 253
"""Characters of a name in presentation form (RFC 1035 §2.3.4)."""
VALUES_MAX = 16
"""Values of one name: a wildcard and its zone need two, and several clients may renew at once."""
VALUE_LENGTH_MAX = 255
"""Bytes of one character-string (RFC 1035 §3.3); a challenge has 43."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def set_challenge(name: str, values: Sequence[str]) -> str:
    """Answer TXT questions for a name with these values; none at all removes it.

    Args:
        name: `_acme-challenge.` and a zone of ours, or a name within one; in any case.
        values: One record each.

    Returns:
        The name in lower case, without a dot at the end.

    Raises:
        OperatorError: The name is not of this sort, or a value is not.
        StorageError: The answers cannot be written; nothing has changed.
    """
    deployment = load_deployment()
    name = name.lower().removesuffix(".")
    if not _is_ours(name, deployment.settings.zones):
        zones = " or ".join(PREFIX + zone for zone in deployment.settings.zones)
        raise OperatorError(f"The name is {zones}, or that of a host in the zone.", "name")
    if len(values) > VALUES_MAX:
        raise OperatorError(f"A name has at most {VALUES_MAX} values.", "values")
    for number, value in enumerate(values):
        if not (0 < len(value) <= VALUE_LENGTH_MAX and all("!" <= c <= "~" for c in value)):
            raise OperatorError(
                f"A value is 1 to {VALUE_LENGTH_MAX} visible ASCII characters.", f"values.{number}"
            )
    deployment.answers.set_text(name, values)
    return name


def _is_ours(name: str, zones: Sequence[str]) -> bool:
    if len(name) > NAME_LENGTH_MAX or not name.startswith(PREFIX):
        return False
    host = name.removeprefix(PREFIX)
    if not all(_LABEL.fullmatch(label) for label in host.split(".")):
        return False
    return any(host == zone or host.endswith("." + zone) for zone in zones)
