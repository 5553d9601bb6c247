"""A Markdown file that fires when it is shown or converted."""

from serinus.formats.draft import Draft
from serinus.model.answer import Answer
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.marks import show_mark
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.stories import file_stem, tell_story


class MarkdownKind(PlainKind):
    """A text with a picture of the token's host."""

    name = "markdown"
    title = "Markdown file"
    summary = "A Markdown file with text and a table that fires when it is shown or converted."
    group = Group.FILE
    planting = (
        "Put it beside code or in a wiki, a notebook or a folder of notes. Words of the memo such "
        "as passwords, salaries, plan, contract or network choose what it is about.",
        "It fires where a program shows the picture: previews of editors and of notebooks mostly "
        "do. A test holds that pandoc fetches it for a Word file and for a page that holds all "
        "it needs; for a plain page pandoc fetches nothing. Hosters of code fetch pictures by a "
        "proxy, once, which hides the reader.",
        "The address stands in it as text. Whoever reads it in an editor does not fire it.",
    )
    proof = proven("pandoc")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the text, and the line alone for a file of one's own."""
        draft = tell_story(token, site)
        draw = Draw(token, site, "markdown")
        picture = f"![{draft.company}]({site.host_url(token.id, '.png')})"
        name = draw.one((file_stem(draft, token, site).replace(" ", "-"), "NOTES", "README"))
        return [
            Artefact("text", "Text", _write(draft, draw, picture), "text/markdown", f"{name}.md"),
            Artefact("picture", "Line for a file of yours", picture, "text/markdown"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the mark of the company that the text is of."""
        return show_mark(token, site)


def _write(draft: Draft, draw: Draw, picture: str) -> str:
    bullet, rule = draw.one("-*+"), draw.one(("---", ":---", "----"))
    rows = ([f"{c:,}" if isinstance(c, int) else c for c in row] for row in draft.rows)
    lines = [
        *(picture, "", f"# {draft.title}", ""),
        *(f"{draft.author}, {draft.modified_at:%Y-%m-%d}", ""),
        *(line for text in draft.paragraphs for line in (text, "")),
        *(f"| {' | '.join(row)} |" for row in (draft.header, [rule] * len(draft.header), *rows)),
        *("", f"## {draft.heading}", ""),
        *(f"{bullet} {point}" for point in draft.points),
        *("", f"_{draft.note}_", ""),
    ]
    return "\n".join(lines)


KIND = MarkdownKind()
