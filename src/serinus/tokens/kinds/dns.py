"""A hostname that fires when it is looked up, and when it is visited."""

from dataclasses import dataclass

from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.describe import describe_touch
from serinus.tokens.kind import Artefact, Group, Options, Token, Trip, option, options_of, proven
from serinus.tokens.site import Site


@dataclass(frozen=True, slots=True)
class DNSOptions(Options):
    """Whether the name seems to exist."""

    nxdomain: bool = option(
        "Name does not exist",
        "Answer that there is no such name; a lookup fires all the same. Every other name of the "
        "zone exists, so whoever compares sees that this one is special.",
        default=False,
    )


class DNSKind:
    """A hostname; labels to its left carry data."""

    name = "dns"
    title = "Hostname"
    summary = "A hostname that fires when anybody looks it up; labels to its left carry data."
    group = Group.PRIMITIVE
    planting = (
        "Put the name where a host name belongs: a configuration, a list of servers, a script. A "
        "lookup is enough, so that it fires from networks that let nothing out but DNS.",
        "The source of a lookup is the resolver that asks us, mostly not the host behind it.",
    )
    proof = proven("dig")
    options = DNSOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the hostname."""
        return [Artefact("hostname", "Hostname", site.hostname(token.id))]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the lookup, or the visit that followed it."""
        return describe_touch(touch, token)

    def answer(self, token: Token, site: Site) -> Answer | None:  # noqa: ARG002
        """Return NXDOMAIN where that is asked for, else the default surface."""
        return Answer(nxdomain=True) if options_of(token, DNSOptions).nxdomain else None


KIND = DNSKind()
