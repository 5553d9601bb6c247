"""A style for the operator's own page that fires when the page stands on another's host.

Every visitor of the page asks for the picture that the style names. It is a mask, because a mask is
asked for with CORS (CSS Masking 1 §3.1): the browser then sends the page's origin, whatever policy
the page has for Referer and wherever the style is kept. What comes from the operator's own hosts is
no trip. The name that is looked up is the deployment's own, and holds no id.
"""

from serinus.base.untrusted import readable
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import (
    FACTS_MAX,
    Artefact,
    Group,
    Token,
    Trip,
    options_of,
    proven,
)
from serinus.tokens.own_hosts import OwnHosts, is_own
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling

KEPT_S = 86_400
"""Seconds for which a browser keeps the picture: a visitor of the own page asks once a day. Another
page asks anew, because browsers keep pictures apart by site (Fetch, §2.7: HTTP cache partitions).
"""

_SELECTORS = "«body¦html¦main¦form¦footer»::«after¦before»"
_RULES = (
    'content: "";',
    "position: «absolute¦fixed»;",
    "width: «1px¦2px¦1em¦8px»;",
    "height: «1px¦2px¦1em¦8px»;",
    'mask-image: url("‹url›");',
)


class ClonedCSSKind(PlainKind):
    """One rule of CSS."""

    name = "cloned_css"
    title = "Copied page (style)"
    summary = "A style in a page of yours that fires when somebody shows a copy of the page."
    group = Group.WEB
    planting = (
        "Put it at the end of a style sheet of a page that is worth copying, or into the style "
        "that a sign-in service lets you upload. If the page has no such element, or uses its "
        "::before or ::after, write another one before the brace.",
        "It fires when a browser shows a copy on a host that is not on your list, also one that "
        "was saved as a file or that passes your own page through, and tells the copy's scheme and "
        "host. It holds no address of yours, so that a reader learns nothing of the list. A page "
        "that is shown by HTTPS asks only a deployment that has HTTPS.",
        "Every visitor of your own page asks our server, too, about once a day, which tells nobody "
        "but costs a request each. Whoever fetches the picture without a browser fires it.",
    )
    proof = proven("Chromium")
    options = OwnHosts

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the rule, and the element of HTML that holds it."""
        draw = Draw(token, site, "style")
        rules = "".join(f"\t{rule}\n" for rule in draw.shuffled(_RULES))
        css = Spelling(draw).write(
            f"{_SELECTORS} {{\n{rules}}}\n", {"url": site.url(token.id, ".svg")}
        )
        return [
            Artefact("css", "CSS", css, "text/css"),
            Artefact("html", "HTML", f"<style>\n{css}</style>", "text/html"),
        ]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return where the copy is; a visit of the page on its own hosts is no trip."""
        trip = super().interpret(touch, token)
        if trip is None or touch.channel != "http":
            return trip
        facts = dict(trip.facts)
        origin = facts.get("Origin") or facts.get("Referer")
        if origin is None:
            return trip
        if is_own(origin, options_of(token, OwnHosts).listed()):
            return None
        place = "a file" if origin == "null" else readable(origin, 200)
        return Trip(trip.summary, (("Copy at", place), *trip.facts)[:FACTS_MAX])

    def answer(self, token: Token, site: Site) -> Answer:
        """Return a picture that shows nothing."""
        draw = Draw(token, site, "mask")
        width, height = draw.number(1, 64), draw.number(1, 64)
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'
        return Answer(
            headers=(
                ("Content-Type", "image/svg+xml"),
                ("Access-Control-Allow-Origin", "*"),
                ("Cache-Control", f"max-age={KEPT_S}"),
            ),
            body=picture.encode(),
        )


KIND = ClonedCSSKind()
