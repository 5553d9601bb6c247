"""A script for the operator's own page that fires when the page stands on another's host."""

import json

from serinus.base.untrusted import readable
from serinus.model.touch import Touch
from serinus.tokens.describe import FACT_MAX, SUMMARY_PART_MAX
from serinus.tokens.detail import read_fields
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
from serinus.tokens.own_hosts import OwnHosts
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling

FIELDS_MAX = 20
"""Fields of a query that are read; the script sends two."""

_TEMPLATE = """\
(«function () ¦() => »{
	«var¦let¦const» @host = «location.hostname¦window.location.hostname¦document.location.hostname»;
	«var¦let¦const» @own = ‹hosts›;
	«var¦let¦const» @found = @own.some(«function (@one) { return ¦(@one) => { return »@test; });
	if (!@found) {
		«var¦let¦const» @from = encodeURIComponent(document.referrer);
		«var¦let¦const» @here = encodeURIComponent(location.href);
		«new Image().src = @url;¦fetch(@url, { mode: "no-cors" });»
	}
})();
"""
_TESTS = '@host === @one || @host.endsWith("." + @one)', '("." + @host).endsWith("." + @one)'
_URLS = '‹url› + "?@q=" + @here + "&@r=" + @from', "`‹plain›?@q=${@here}&@r=${@from}`"


class ClonedSiteKind(PlainKind):
    """A few lines of JavaScript without a name that tells what they are for."""

    name = "cloned_site"
    title = "Copied page (script)"
    summary = "A script in a page of yours that fires when somebody shows a copy of the page."
    group = Group.WEB
    planting = (
        "Put it into a page that is worth copying, such as the page to sign in: at the end of its "
        "own scripts, where it is copied along. List every host on which the page may stand, those "
        "of tests and localhost among them.",
        "It fires when a browser shows a copy elsewhere, also one that was saved as a file, and "
        "tells the full address of the copy and where the visitor came from: each victim of a "
        "copy fires it. On your own hosts it asks nothing. A copy that is shown by HTTPS asks only "
        "a deployment that has HTTPS.",
        "Whoever reads the script sees the list of hosts, and may take it out. A policy of the "
        "copy's own (CSP) may forbid the request; the style of the kind cloned_css comes through "
        "where scripts do not.",
    )
    proof = proven("Chromium")
    options = OwnHosts

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the script, as an element and alone."""
        draw = Draw(token, site, "script")
        url = site.host_url(token.id, draw.one((".gif", ".png", ".jpg")))
        hosts = list(options_of(token, OwnHosts).listed())
        template = _TEMPLATE.replace("@test", draw.one(_TESTS)).replace("@url", draw.one(_URLS))
        code = Spelling(draw).write(
            template, {"hosts": json.dumps(hosts), "url": json.dumps(url), "plain": url}
        )
        return [
            Artefact("html", "HTML", f"<script>\n{code}</script>", "text/html"),
            Artefact("script", "Script alone", code, "text/javascript"),
        ]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the address of the copy, where the script told it."""
        query = touch.detail.get("target") if touch.channel == "http" else None
        values = _read_query(query) if isinstance(query, str) else []
        told = bool(values) and "://" in values[0]
        if told:
            # It is told below, and is not shown once more as what somebody wrote.
            target = str(query).partition("?")[0]
            touch = touch._replace(detail={**touch.detail, "target": target})
        trip = super().interpret(touch, token)
        if trip is None or not told:
            return trip
        labels = ("Address of the copy", "Came from")
        facts = [(a, readable(v, FACT_MAX)) for a, v in zip(labels, values, strict=False) if v]
        summary = f"A copy of the page was opened at {readable(values[0], SUMMARY_PART_MAX)}"
        return Trip(summary, (*facts, *trip.facts)[:FACTS_MAX])


def _read_query(target: str) -> list[str]:
    """Return the values of a target's query in their order: the copy first, then the referrer."""
    return [value for _, value in read_fields(target.partition("?")[2], FIELDS_MAX) or ()]


KIND = ClonedSiteKind()
