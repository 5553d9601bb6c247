"""Every kind of token there is, in the order in which people are offered them."""

from serinus.base.errors import OperatorError
from serinus.tokens.kind import Kind
from serinus.tokens.kinds import browser, dns, redirect, web

KINDS: tuple[Kind, ...] = (web.KIND, dns.KIND, redirect.KIND, browser.KIND)


def kind_named(name: str) -> Kind:
    """Return the kind of that name; raises OperatorError that names the known ones."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise OperatorError(f"There is no kind {name[:80]!r}; there are {known}.", "kind")
