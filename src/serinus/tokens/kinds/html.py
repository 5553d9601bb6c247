"""A page saved as a file that fires when a browser opens it."""

from html import escape

from serinus.formats.draft import DIM, PALE, Cell, Draft
from serinus.model.answer import Answer
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.marks import show_mark
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import DIRECTORIES, Site
from serinus.tokens.stories import file_stem, tell_story

SHEETS = (
    "style",
    "main",
    "site",
    "print",
    "base",
    "theme",
    "screen",
    "default",
    "page",
    "layout",
    "wiki",
    "doc",
    "app",
)


class HTMLKind(PlainKind):
    """A page with a style sheet, a picture and an icon of the token's host."""

    name = "html"
    title = "HTML file"
    summary = "A page saved as a file, with a table and text, that fires when it is opened."
    group = Group.FILE
    planting = (
        "Put it where pages are kept: a download folder, an export of a wiki, a mailbox. Words of "
        "the memo such as passwords, salaries, plan, contract or network choose what it is about.",
        "Browsers fetch its style sheet, its picture and its icon as soon as it is opened: a test "
        "holds that for Chromium. Text browsers and editors fetch nothing, and mail programs ask "
        "first.",
        "The addresses stand in it as text. Whoever reads the source finds them, as in any page.",
    )
    proof = proven("Chromium")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the page."""
        draft = tell_story(token, site)
        page = _write_page(draft, Draw(token, site, "page"), token, site)
        name = f"{file_stem(draft, token, site)}.html"
        return [Artefact("page", "Page", page, "text/html", name)]

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the mark of the company that made it; of a style sheet it makes none."""
        return show_mark(token, site)


def _write_page(draft: Draft, draw: Draw, token: Token, site: Site) -> str:
    folder = f"{site.origin(token.id)}/{draw.one(DIRECTORIES)}"
    sheet = f"{folder}/{draw.one(SHEETS)}.css"
    links = draw.shuffled(
        (
            '<meta charset="utf-8">',
            f"<title>{escape(draft.title)} – {escape(draft.company)}</title>",
            f'<link rel="stylesheet" href="{sheet}">',
            f'<link rel="icon" href="{folder}/favicon.ico">',
            f'<meta name="author" content="{escape(draft.author)}">',
        )
    )
    major, minor = draft.fonts
    grey, pale = draft.grey(*DIM).lower(), draft.grey(*PALE).lower()
    style = draw.shuffled(
        (
            f"body {{ font: {draw.number(14, 17)}px {minor!r}, sans-serif; color: #{grey}; }}",
            f"h1, h2 {{ font-family: {major!r}, serif; color: #{draft.accent.lower()}; }}",
            f"td, th {{ border: 1px solid #{pale}; padding: {draw.number(4, 9)}px; }}",
            f"th {{ background: #{draft.accent.lower()}; color: #fff; text-align: left; }}",
            f"table {{ border-collapse: collapse; margin: {draw.number(12, 28)}px 0; }}",
            f"body {{ margin: {draw.number(24, 60)}px; max-width: {draw.number(780, 1100)}px; }}",
        )
    )
    head = "".join(f"<th>{escape(name)}</th>" for name in draft.header)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in draft.rows)
    lines = [
        *("<!DOCTYPE html>", '<html lang="en">', "<head>", *links),
        *("<style>", *style, "</style>", "</head>", "<body>"),
        f'<p><img src="{site.host_url(token.id, ".png")}" height="{draw.number(24, 48)}" '
        f'alt="{escape(draft.company)}"></p>',
        f"<h1>{escape(draft.title)}</h1>",
        f"<p>{escape(draft.author)}, {draft.modified_at:%d.%m.%Y}</p>",
        *(f"<p>{escape(text)}</p>" for text in draft.paragraphs),
        *("<table>", f"<tr>{head}</tr>", rows, "</table>"),
        *(f"<h2>{escape(draft.heading)}</h2>", "<ul>"),
        *(f"<li>{escape(point)}</li>" for point in draft.points),
        *("</ul>", f"<p><small>{escape(draft.note)}</small></p>", "</body>", "</html>", ""),
    ]
    return "\n".join(lines)


def _cell(value: Cell) -> str:
    return f"<td>{f'{value:,}' if isinstance(value, int) else escape(value)}</td>"


KIND = HTMLKind()
