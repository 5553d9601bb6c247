"""A list of feeds, one of which is at an address of ours."""

from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from serinus.model.answer import Answer
from serinus.tokens.configs import written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

NEWS = (
    *("Access review", "Backup window", "Budget", "Certificates", "Change freeze", "Downtime"),
    *("Firewall rules", "Incident review", "Key rotation", "Migration", "New hires", "Patch day"),
    *("Password policy", "Planned work", "Release", "Reorganisation", "Restore test", "Roadmap"),
)


class FeedKind(PlainKind):
    """An OPML list for feed readers, and the feed that it names (RSS 2.0)."""

    name = "feed"
    title = "Feed"
    summary = "A list of internal news feeds that fires when a feed reader follows it."
    group = Group.CREDENTIAL
    planting = (
        "Leave the list where a reader's export is kept: a backup, a share, a folder of documents; "
        "or put the address alone among others.",
        "It fires when a feed reader follows it, and again whenever that reader looks for news, "
        "which tells how long it stays in use. The feed is there and has a few entries.",
        "Reading the list does not fire. A reader in the cloud fetches from its own servers.",
    )
    proof = proven("newsboat")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the list, and the address alone."""
        draw = Draw(token, site, "feed list")
        title, url = _draw_title(token, site), _feed_url(token, site)
        list_title = draw.one(("Subscriptions", "Feeds", "News", "Work", f"{draw.person().name}"))
        lines = (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<opml version="{draw.one(("1.0", "1.1", "2.0"))}">',
            f"  <head><title>{escape(list_title)}</title></head>",
            "  <body>",
            f'    <outline type="rss" text={quoteattr(title)} xmlUrl={quoteattr(url)}/>',
            "  </body>",
            "</opml>",
        )
        name = draw.one(("feeds.opml", "subscriptions.opml", "export.opml", "reader.opml"))
        return [
            Artefact("opml", "List of feeds", written(*lines), "text/x-opml", name),
            Artefact("url", "Address of the feed", url),
        ]

    def answer(self, token: Token, site: Site) -> Answer | None:
        """Return the feed."""
        draw = Draw(token, site, "feed")
        title, origin = _draw_title(token, site), site.origin(token.id)
        items = [
            f"<item><title>{escape(news)} {draw.one(PROJECTS)}</title>"
            f"<pubDate>{format_datetime(draw.before(60))}</pubDate>"
            f'<guid isPermaLink="false">{draw.number(1000, 99_999)}</guid></item>'
            for news in draw.shuffled(NEWS)[: draw.number(2, 5)]
        ]
        lines = (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<rss version="2.0"><channel>',
            f"<title>{escape(title)}</title><link>{origin}/</link>",
            f"<description>{escape(title)}</description>",
            *items,
            "</channel></rss>",
        )
        media_type = draw.one(("application/rss+xml", "application/xml; charset=utf-8", "text/xml"))
        return Answer(headers=(("Content-Type", media_type),), body=written(*lines).encode())


def _draw_title(token: Token, site: Site) -> str:
    draw = Draw(token, site, "feed title")
    word = draw.one(("news", "announcements", "status", "updates", "changes", "notices"))
    return f"{draw.one(PROJECTS).title()} {draw.one(ROLES)} {word}"


def _feed_url(token: Token, site: Site) -> str:
    draw = Draw(token, site, "feed url")
    path = draw.one(("feed", "rss", "rss.xml", "feed.xml", "news/feed", "blog/rss", "index.xml"))
    return f"{site.origin(token.id)}/{path}"


KIND = FeedKind()
