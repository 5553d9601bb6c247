"""What most kinds share: any touch is a trip, and the surface is the default one."""

from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.describe import describe_touch
from serinus.tokens.kind import Options, Token, Trip
from serinus.tokens.site import Site


class PlainKind:
    """Base of kinds that add an artefact and no behaviour; a kind overrides what it does alone."""

    options: type[Options] = Options

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the fetch of any URL of the token, or the lookup of its name."""
        return describe_touch(touch, token)

    def answer(self, token: Token, site: Site) -> Answer | None:  # noqa: ARG002
        """Return None: the default surface."""
        return None
