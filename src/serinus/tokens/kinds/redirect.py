"""A URL that fires and sends the visitor on to another."""

from dataclasses import dataclass

from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.describe import describe_touch
from serinus.tokens.kind import Artefact, Group, Options, Token, Trip, option, options_of, proven
from serinus.tokens.site import Site
from serinus.tokens.targets import TARGET_LENGTH_MAX, check_target


@dataclass(frozen=True, slots=True)
class RedirectOptions(Options):
    """Where to send visitors."""

    target: str = option(
        "Target", "URL that visitors are sent on to, http or https.", max=TARGET_LENGTH_MAX
    )

    def check(self) -> None:
        """Refuse what is not an http(s) URL."""
        check_target(self.target, "target")


class RedirectKind:
    """A URL that answers 302 (RFC 9110 §15.4.3), so that nothing remembers the way around it."""

    name = "redirect"
    title = "Redirect"
    summary = "A URL that fires when it is opened and sends the visitor on to a page of yours."
    group = Group.PRIMITIVE
    planting = (
        "Put the URL where a link to the target would stand: a shortcut, a bookmark, a QR code on "
        "a wall. The visitor arrives where they expect to.",
    )
    proof = proven("curl")
    options = RedirectOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL."""
        return [
            Artefact("url", "URL", site.url(token.id)),
            Artefact("own", "URL whose lookup alone fires", site.host_url(token.id)),
        ]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the visit."""
        return describe_touch(touch, token)

    def answer(self, token: Token, site: Site) -> Answer | None:  # noqa: ARG002
        """Return the redirect; its body is left to the dialect of the server."""
        target = options_of(token, RedirectOptions).target
        return Answer(status=302, headers=(("Location", target),))


KIND = RedirectKind()
