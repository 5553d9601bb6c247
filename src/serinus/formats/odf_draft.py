"""New OpenDocument files (ODF 1.3), as LibreOffice lays them out."""

import re
from collections.abc import Iterable

from serinus.formats import odf
from serinus.formats.draft import DIM, PALE, Cell, Draft, stamp
from serinus.formats.excel_draft import sheet_name
from serinus.formats.markup import escaped
from serinus.formats.package import Manner, write_package

_ROWS_MAX = 9
"""Rows of a table that fit on a slide."""
_FO = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
_META = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
_SPACES = {
    "office": odf.OFFICE,
    "style": odf.STYLE,
    "text": odf.TEXT,
    "table": odf.TABLE,
    "draw": odf.DRAW,
    "fo": _FO,
    "xlink": odf.LINK,
    "dc": "http://purl.org/dc/elements/1.1/",
    "meta": _META,
    "svg": odf.SVG,
    "presentation": odf.PRESENTATION,
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
}
_NAMESPACES = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _SPACES.items())
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BUILDS = (
    "7.4.7.2$Linux_X86_64 LibreOffice_project/40$Build-2",
    "7.5.9.2$Linux_X86_64 LibreOffice_project/50$Build-2",
    "24.2.7.2$Linux_X86_64 LibreOffice_project/420$Build-2",
    "24.8.4.2$Linux_X86_64 LibreOffice_project/480$Build-2",
    "25.2.3.2$Linux_X86_64 LibreOffice_project/520$Build-2",
)
"""What LibreOffice of Debian and Ubuntu calls itself."""


def write_odt(draft: Draft) -> bytes:
    """Return a text with a title, paragraphs, a table and points."""
    columns = f'<table:table-column table:number-columns-repeated="{len(draft.header)}"/>'
    head = f"<table:table-header-rows>{_row(draft.header, 'Th', 'Tw')}</table:table-header-rows>"
    rows = "".join(_row(row, "Td", "Tx") for row in draft.rows)
    points = "".join(f"<text:list-item>{_p(text)}</text:list-item>" for text in draft.points)
    body = (
        f"{_p(draft.title, 'Title')}{_p(f'{draft.author}, {draft.modified_at:%d.%m.%Y}', 'Line')}"
        f"{''.join(_p(text) for text in draft.paragraphs)}"
        f'<table:table table:name="Table1">{columns}{head}{rows}</table:table>'
        f'<text:h text:style-name="Head" text:outline-level="1">{escaped(draft.heading)}</text:h>'
        f'<text:list text:style-name="Points">{points}</text:list>'
    )
    page = (
        '<style:master-page style:name="Standard" style:page-layout-name="Page"><style:footer>'
        f"{_p(draft.note, 'Foot')}</style:footer></style:master-page>"
    )
    return _write(draft, "text", _text_styles(draft), body, page)


def write_ods(draft: Draft) -> bytes:
    """Return a spreadsheet of one sheet: a title, the table, and the points below it."""
    columns = "".join(
        f'<table:table-column table:style-name="Co{n}"/>' for n in range(len(draft.header))
    )
    # The picture stands on the empty line above the title.
    lines = [
        _row((), "", ""),
        _row((draft.title,), "Title", ""),
        _row((draft.note,), "Line", ""),
        _row((), "", ""),
    ]
    lines += [_row(draft.header, "Th", ""), *(_row(row, "Td", "") for row in draft.rows)]
    lines += [_row((), "", ""), _row((draft.heading,), "Head", "")]
    lines += [_row((text,), "", "") for text in draft.points]
    body = (
        f'<table:table table:name="{escaped(sheet_name(draft))}">{columns}{"".join(lines)}'
        "</table:table>"
    )
    page = '<style:master-page style:name="Default" style:page-layout-name="Page"/>'
    return _write(draft, "spreadsheet", _sheet_styles(draft), body, page)


def write_odp(draft: Draft) -> bytes:
    """Return a presentation of four slides."""
    rows = draft.rows[:_ROWS_MAX]
    table = "".join(_row(row, "Td", "Tx") for row in rows)
    columns = f'<table:table-column table:number-columns-repeated="{len(draft.header)}"/>'
    grid = (
        f'<draw:frame svg:width="23cm" svg:height="{len(rows) + 1}cm" svg:x="2.5cm" svg:y="4cm">'
        f"<table:table>{columns}{_row(draft.header, 'Th', 'Tw')}{table}</table:table></draw:frame>"
    )
    slides = (
        _frame([draft.title], "Title", 5) + _frame([draft.company, draft.author], "Text", 8.5),
        _frame([draft.company], "Title", 1.2) + _frame(draft.paragraphs, "Text", 4),
        _frame([draft.title], "Title", 1.2) + grid,
        _frame([draft.heading], "Title", 1.2)
        + _frame([f"– {text}" for text in draft.points], "Text", 4),
    )
    body = "".join(
        f'<draw:page draw:name="page{n}" draw:style-name="Dp" draw:master-page-name="Default">'
        f"{shapes}</draw:page>"
        for n, shapes in enumerate(slides, 1)
    )
    page = '<style:master-page style:name="Default" style:page-layout-name="Page"/>'
    visible = (
        '<style:style style:name="Dp" style:family="drawing-page"><style:drawing-page-properties '
        'presentation:background-visible="true" presentation:background-objects-visible="true"/>'
        "</style:style>"
    )
    return _write(draft, "presentation", _text_styles(draft, 18) + visible, body, page)


def _write(draft: Draft, kind: str, styles: str, content: str, page: str) -> bytes:
    """Return the package; styles are given in both parts, because both use them."""
    mime = odf.MIME + kind
    size = 'fo:page-width="28cm" fo:page-height="15.75cm"'
    if kind != "presentation":
        margin = draft.pick(20, 15, 28) / 10
        margins = " ".join(
            f'fo:margin-{s}="{margin}cm"' for s in ("top", "bottom", "left", "right")
        )
        size = f'fo:page-width="21cm" fo:page-height="29.7cm" {margins}'
    layout = (
        f'<style:page-layout style:name="Page"><style:page-layout-properties {size}/>'
        '<style:footer-style><style:header-footer-properties fo:min-height="0.6cm" '
        'fo:margin-top="0.4cm"/></style:footer-style></style:page-layout>'
    )
    foot = _style("Foot", "paragraph", f'fo:font-size="8pt" fo:color="#{draft.grey(*DIM).lower()}"')
    letter = "ce" if kind == "spreadsheet" else "P"
    parts = {
        "content.xml": _part(
            "document-content",
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
            f"<office:{kind}>{content}</office:{kind}></office:body>",
        ),
        "styles.xml": _part(
            "document-styles",
            # LibreOffice reads no masters where there are no common styles.
            '<office:styles><style:default-style style:family="graphic"/></office:styles>'
            f"<office:automatic-styles>{layout}{foot}</office:automatic-styles>"
            f"<office:master-styles>{page}</office:master-styles>",
        ),
        "meta.xml": _part("document-meta", _meta(draft)),
    }
    parts = {name: _rename(text, draft, letter) for name, text in parts.items()}
    items = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in parts
    )
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{odf.MANIFEST}" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
        f'manifest:media-type="{mime}"/>{items}</manifest:manifest>'
    )
    files = {"mimetype": mime, **parts, "META-INF/manifest.xml": manifest}
    manner = Manner(draft.modified_at, 20, 0x800)
    return write_package([(name, text.encode()) for name, text in files.items()], manner)


_OWN = re.compile(
    r'((?:style-name|style:name|page-layout-name)=")(Co|[A-Z][a-z]+)(\d?)(?=")', re.ASCII
)
_LETTERS = {"Co": "co", "Th": "ce", "Td": "ce", "Points": "L", "Frame": "gr", "Page": "pm"}
_NAMES = (*_LETTERS, "Dp", "Title", "Line", "Head", "Text", "Tw", "Tx", "Foot")


def _rename(xml: str, draft: Draft, letter: str) -> str:
    """Return a part whose styles have names with drawn numbers, as LibreOffice gives them."""
    letters = {**dict.fromkeys(_NAMES, letter), "Dp": "dp", **_LETTERS}

    def name(found: "re.Match[str]") -> str:
        if found[2] not in letters:
            return found[0]
        number = draft.pick(_NAMES.index(found[2]), 1, 3) + 4 * _NAMES.index(found[2])
        if found[2] == "Co":
            number = draft.pick(0, 1, 9) + int(found[3])
        return f"{found[1]}{letters[found[2]]}{number}"

    return _OWN.sub(name, xml)


def _part(root: str, content: str) -> str:
    return f'{_XML}<office:{root} {_NAMESPACES} office:version="1.3">{content}</office:{root}>'


def _meta(draft: Draft) -> str:
    build = _BUILDS[int(draft.number(6), 16) % len(_BUILDS)]
    version = "/".join(("LibreOffice", build))
    hours, minutes = divmod(draft.minutes, 60)
    return (
        f"<office:meta><meta:creation-date>{stamp(draft.created_at)[:-1]}</meta:creation-date>"
        f"<meta:initial-creator>{escaped(draft.author)}</meta:initial-creator>"
        f"<dc:title>{escaped(draft.title)}</dc:title><dc:creator>{escaped(draft.editor)}"
        f"</dc:creator><dc:date>{stamp(draft.modified_at)[:-1]}</dc:date>"
        f"<meta:editing-duration>PT{hours}H{minutes}M{int(draft.number(7)[-2:], 16) % 60}S"
        f"</meta:editing-duration><meta:editing-cycles>{draft.revision}</meta:editing-cycles>"
        f"<meta:generator>{version}</meta:generator></office:meta>"
    )


def _style(name: str, family: str, text: str, more: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}">{more}'
        f"<style:text-properties {text}/></style:style>"
    )


def _looks(draft: Draft, size: int = 11) -> dict[str, str]:
    major, minor = (f'fo:font-family="{font}"' for font in draft.fonts)
    colour = f'fo:color="#{draft.accent.lower()}"'
    return {
        "Title": f'{major} {colour} fo:font-size="{size * 2 + draft.pick(21, -3, 4)}pt"',
        "Line": f'{minor} fo:color="#{draft.grey(*DIM).lower()}" fo:font-size="10pt"',
        "Head": f'{major} {colour} fo:font-size="14pt" fo:font-weight="bold"',
        "Text": f'{minor} fo:font-size="{size}pt"',
        "Tw": f'{minor} fo:color="#ffffff" fo:font-size="10pt" fo:font-weight="bold"',
        "Tx": f'{minor} fo:font-size="10pt"',
    }


def _cell_styles(draft: Draft, is_slide: bool = False) -> str:
    """Return the styles of cells; slides take their fill and edge from other places than texts."""
    accent = f"#{draft.accent.lower()}"
    edge = f'fo:border="0.05pt solid #{draft.grey(*PALE).lower()}"'
    own = f"<style:paragraph-properties {edge}/>" if is_slide else ""
    looks = _looks(draft)
    fills = {
        "Th": (
            looks["Tw"],
            f'fo:background-color="{accent}"',
            f'"solid" draw:fill-color="{accent}"',
        ),
        "Td": (looks["Tx"], "", '"none"'),
    }
    return "".join(
        _style(
            name,
            "table-cell",
            look,
            f"<loext:graphic-properties draw:fill={fill}/><style:table-cell-properties {edge} "
            f'fo:padding="0.1cm" {ground}/>{own}',
        )
        for name, (look, ground, fill) in fills.items()
    )


def _text_styles(draft: Draft, size: int = 11) -> str:
    spaces = {"Text": ("0cm", "0.25cm"), "Head": ("0.6cm", "0.2cm"), "Line": ("0cm", "0.5cm")}
    made = ""
    for name, look in _looks(draft, size).items():
        above, below = spaces.get(name, ("0cm", "0cm"))
        space = f'<style:paragraph-properties fo:margin-top="{above}" fo:margin-bottom="{below}"/>'
        made += _style(name, "paragraph", look, space)
    return (
        f"{made}{_cell_styles(draft, size > 11)}"
        '<text:list-style style:name="Points"><text:list-level-style-bullet text:level="1" '
        'text:bullet-char="•"><style:list-level-properties text:space-before="0.4cm" '
        'text:min-label-width="0.4cm"/></text:list-level-style-bullet></text:list-style>'
        '<style:style style:name="Frame" style:family="graphic"><style:graphic-properties '
        'draw:stroke="none" draw:fill="none"/></style:style>'
    )


def _sheet_styles(draft: Draft) -> str:
    looks = _looks(draft)
    made = "".join(_style(n, "table-cell", looks[n]) for n in ("Title", "Line", "Head"))
    for place in range(len(draft.header)):
        longest = max(len(str(row[place])) for row in (draft.header, *draft.rows))
        made += (
            f'<style:style style:name="Co{place}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{longest * 0.21 + 1:.2f}cm"/>'
            "</style:style>"
        )
    return made + _cell_styles(draft)


def _row(cells: tuple[Cell, ...], style: str, paragraph: str) -> str:
    written = "".join(_cell(cell, style, paragraph) for cell in cells)
    return f"<table:table-row>{written or '<table:table-cell/>'}</table:table-row>"


def _cell(value: Cell, style: str, paragraph: str) -> str:
    about = f' table:style-name="{style}"' if style else ""
    if isinstance(value, int):
        about += f' office:value-type="float" office:value="{value}"'
        return f"<table:table-cell{about}>{_p(f'{value:,}', paragraph)}</table:table-cell>"
    about += ' office:value-type="string"'
    return f"<table:table-cell{about}>{_p(value, paragraph)}</table:table-cell>"


def _p(text: str, style: str = "Text") -> str:
    about = f' text:style-name="{style}"' if style else ""
    return f"<text:p{about}>{escaped(text)}</text:p>"


def _frame(texts: Iterable[str], style: str, top: float) -> str:
    paragraphs = "".join(_p(text, style) for text in texts)
    return (
        '<draw:frame draw:style-name="Frame" svg:width="23cm" svg:height="2cm" svg:x="2.5cm" '
        f'svg:y="{top:g}cm"><draw:text-box>{paragraphs}</draw:text-box></draw:frame>'
    )
