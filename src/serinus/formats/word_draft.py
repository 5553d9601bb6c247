"""A new Word document (ECMA-376-1 §17)."""

from serinus.formats.draft import DIM, PALE, Cell, Draft
from serinus.formats.markup import escaped
from serinus.formats.office_draft import Part, write_office, write_theme
from serinus.formats.ooxml import OFFICE
from serinus.formats.word import MAIN, MAIN_TYPE, PLACE

_TYPE = "wordprocessingml.{}+xml"
_NAMESPACES = f'xmlns:r="{OFFICE}" xmlns:wp="{PLACE}" xmlns:w="{MAIN}"'
_PAGE_WIDTH, _PAGE_HEIGHT = 11906, 16838
"""Twentieths of a point: A4."""
_MARGINS = (1134, 1247, 1304, 1361, 1417, 1440)
"""The same: 2.0 to 2.54 cm."""


def write_word(draft: Draft) -> bytes:
    """Return a document with a title, text, a table, points and a footer."""
    parts: list[Part] = [
        ("word/document.xml", MAIN_TYPE, _write_body(draft)),
        ("word/styles.xml", _TYPE.format("styles"), _write_styles(draft)),
        ("word/settings.xml", _TYPE.format("settings"), _write_settings(draft)),
        ("word/numbering.xml", _TYPE.format("numbering"), _write_numbering(draft)),
        ("word/fontTable.xml", _TYPE.format("fontTable"), _write_fonts(draft)),
        ("word/theme/theme1.xml", "theme+xml", write_theme(draft)),
        ("word/footer1.xml", _TYPE.format("footer"), _write_footer(draft)),
    ]
    related = [
        ("styles", "styles.xml"),
        ("settings", "settings.xml"),
        ("numbering", "numbering.xml"),
        ("fontTable", "fontTable.xml"),
        ("theme", "theme/theme1.xml"),
        ("footer", "footer1.xml"),
    ]
    return write_office(draft, "Microsoft Office Word", parts, {"word/document.xml": related})


def _write_body(draft: Draft) -> str:
    byline = f"{draft.author}, {draft.modified_at:%d.%m.%Y}"
    content = [_paragraph(draft.title, "Title"), _paragraph(byline, "Subtitle")]
    content += [_paragraph(text) for text in draft.paragraphs]
    content += [_write_table(draft), _paragraph(draft.heading, "Heading1")]
    content += [_paragraph(text, "ListParagraph") for text in draft.points]
    margin = _MARGINS[draft.pick(20, 0, 5)]
    margins = "".join(f' w:{side}="{margin}"' for side in ("top", "right", "bottom", "left"))
    section = (
        f'<w:sectPr><w:footerReference w:type="default" r:id="rId6"/>'
        f'<w:pgSz w:w="{_PAGE_WIDTH}" w:h="{_PAGE_HEIGHT}"/>'
        f'<w:pgMar{margins} w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>'
    )
    return f"<w:document {_NAMESPACES}><w:body>{''.join(content)}{section}</w:body></w:document>"


def _paragraph(text: str, style: str = "") -> str:
    about = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{about}<w:r><w:t>{escaped(text)}</w:t></w:r></w:p>"


def _write_table(draft: Draft) -> str:
    width = (_PAGE_WIDTH - 2 * _MARGINS[draft.pick(20, 0, 5)]) // len(draft.header)
    grid = f'<w:gridCol w:w="{width}"/>' * len(draft.header)
    head = "".join(_cell(name, width, draft.accent) for name in draft.header)
    rows = "".join(
        f"<w:tr>{''.join(_cell(value, width) for value in row)}</w:tr>" for row in draft.rows
    )
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{head}</w:tr>{rows}</w:tbl>"
    )


def _cell(value: Cell, width: int, fill: str = "") -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    look = '<w:rPr><w:b/><w:color w:val="FFFFFF"/></w:rPr>' if fill else ""
    side = '<w:jc w:val="right"/>' if isinstance(value, int) else ""
    text = f"{value:,}" if isinstance(value, int) else escaped(value)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="40" w:after="40"/>{side}</w:pPr>'
        f"<w:r>{look}<w:t>{text}</w:t></w:r></w:p></w:tc>"
    )


def _write_styles(draft: Draft) -> str:
    major, minor = draft.fonts
    above, below = draft.pick(23, 200, 400), draft.pick(24, 60, 160)
    font = '<w:rFonts w:ascii="%s" w:hAnsi="%s" w:cs="%s"/>'
    colour = f'<w:color w:val="{draft.accent}"/>'
    dim = f'<w:color w:val="{draft.grey(*DIM)}"/>'
    head = font % ((major,) * 3)
    styles = (
        _style(
            "Title",
            "Title",
            f"{head}{colour}{_size(draft.pick(21, 36, 52))}",
            '<w:spacing w:after="60"/>',
        ),
        _style("Subtitle", "Subtitle", f"{dim}{_size(20)}", _space(0, below * 2)),
        _style(
            "Heading1",
            "heading 1",
            f"{head}<w:b/>{colour}{_size(draft.pick(22, 24, 32))}",
            _space(above, below),
        ),
        _style("ListParagraph", "List Paragraph", "", _LIST),
        _style("Footer", "footer", f"{dim}{_size(draft.pick(26, 15, 18))}", _space(0, 0)),
    )
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{draft.grey(*PALE)}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f"<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{font % ((minor,) * 3)}"
        f'{_size(21)}<w:lang w:val="en-GB"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
        f'<w:spacing w:after="{below + 40}" w:line="{draft.pick(25, 240, 276)}" '
        'w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
        f'<w:name w:val="Normal"/><w:qFormat/></w:style>{"".join(styles)}'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name '
        'w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar>'
        '</w:tblPr></w:style><w:style w:type="table" w:styleId="TableGrid"><w:name '
        'w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
        f"{borders}</w:tblBorders></w:tblPr></w:style></w:styles>"
    )


_LIST = (
    '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:spacing w:after="60"/>'
    '<w:ind w:left="426" w:hanging="284"/>'
)


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _space(before: int, after: int) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}"/>'


def _style(id_: str, name: str, run: str, paragraph: str) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>'
        f"<w:rPr>{run}</w:rPr></w:style>"
    )


def _write_settings(draft: Draft) -> str:
    # Revision ids are drawn by Word for each editing session (§17.15.1.72).
    sessions = "".join(f'<w:rsid w:val="00{draft.number(n)[2:]}"/>' for n in range(3))
    return (
        f'<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="708"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting '
        'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
        f'w:val="15"/></w:compat><w:rsids><w:rsidRoot w:val="00{draft.number(0)[2:]}"/>'
        f'{sessions}</w:rsids><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/>'
        "</w:settings>"
    )


def _write_numbering(draft: Draft) -> str:
    return (
        f'<w:numbering {_NAMESPACES}><w:abstractNum w:abstractNumId="0">'
        f'<w:nsid w:val="{draft.number(4)}"/><w:multiLevelType w:val="hybridMultilevel"/>'
        f'<w:tmpl w:val="{draft.number(5)}"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )


def _write_fonts(draft: Draft) -> str:
    fonts = "".join(
        f'<w:font w:name="{font}"><w:charset w:val="00"/><w:pitch w:val="variable"/></w:font>'
        for font in dict.fromkeys(draft.fonts)
    )
    return f"<w:fonts {_NAMESPACES}>{fonts}</w:fonts>"


def _write_footer(draft: Draft) -> str:
    return (
        f'<w:ftr {_NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r>'
        f'<w:t xml:space="preserve">{escaped(draft.note)}   </w:t></w:r></w:p></w:ftr>'
    )
