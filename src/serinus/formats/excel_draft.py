"""A new Excel workbook (ECMA-376-1 §18)."""

import re

from serinus.formats.draft import DIM, PALE, Cell, Draft
from serinus.formats.excel import MAIN, MAIN_TYPE
from serinus.formats.markup import escaped
from serinus.formats.office_draft import Part, write_office, write_theme
from serinus.formats.ooxml import OFFICE

_NAMESPACES = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
_CALCULATORS = (152511, 162913, 181029, 191029)
"""What Excel 2013 to 365 call the part of them that calculates (§18.2.2)."""
SHEET_NAME_MAX = 31
"""Characters of a sheet's name (§18.2.19)."""


def write_excel(draft: Draft) -> bytes:
    """Return a workbook of one sheet: a title, the table, and the points below it."""
    parts: list[Part] = [
        ("xl/workbook.xml", MAIN_TYPE, _write_workbook(draft)),
        ("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet+xml", _write_sheet(draft)),
        ("xl/theme/theme1.xml", "theme+xml", write_theme(draft)),
        ("xl/styles.xml", "spreadsheetml.styles+xml", _write_styles(draft)),
    ]
    related = [
        ("worksheet", "worksheets/sheet1.xml"),
        ("theme", "theme/theme1.xml"),
        ("styles", "styles.xml"),
    ]
    return write_office(draft, "Microsoft Excel", parts, {"xl/workbook.xml": related})


def sheet_name(draft: Draft) -> str:
    """Return a lawful name of a sheet that says what is on it."""
    return re.sub(r"[\[\]:*?/\\']", " ", draft.title)[:SHEET_NAME_MAX].strip()


def _write_workbook(draft: Draft) -> str:
    return (
        f'<workbook {_NAMESPACES}><bookViews><workbookView xWindow="0" yWindow="0" '
        f'windowWidth="{draft.pick(20, 190, 288)}00" '
        f'windowHeight="{draft.pick(21, 90, 160)}00"/></bookViews><sheets>'
        f'<sheet name="{escaped(sheet_name(draft))}" sheetId="1" r:id="rId1"/></sheets>'
        f'<calcPr calcId="{_CALCULATORS[draft.pick(22, 0, 3)]}"/></workbook>'
    )


def _write_sheet(draft: Draft) -> str:
    lines: list[tuple[tuple[Cell, ...], int]] = [((draft.title,), 1), ((draft.note,), 4), ((), 0)]
    lines += [(draft.header, 2), *((row, 3) for row in draft.rows), ((), 0)]
    lines += [((draft.heading,), 5), *(((point,), 0) for point in draft.points)]
    rows = "".join(_row(number, *line) for number, line in enumerate(lines, 1))
    last = chr(ord("A") + len(draft.header) - 1)
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{_width(draft, n - 1)}" customWidth="1"/>'
        for n in range(1, len(draft.header) + 1)
    )
    return (
        f'<worksheet {_NAMESPACES}><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{len(lines)}"/><sheetViews>'
        '<sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols>'
        f"<sheetData>{rows}</sheetData>"
        f'<autoFilter ref="A4:{last}{4 + len(draft.rows)}"/><pageMargins left="0.7" right="0.7" '
        'top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" fitToHeight="0"/></worksheet>'
    )


def _width(draft: Draft, column: int) -> int:
    texts = (str(row[column]) for row in (draft.header, *draft.rows))
    return max(map(len, texts)) + draft.pick(column, 3, 8)


def _row(number: int, cells: tuple[Cell, ...], style: int) -> str:
    written = (
        _cell(f"{chr(ord('A') + place)}{number}", value, style) for place, value in enumerate(cells)
    )
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(place: str, value: Cell, style: int) -> str:
    if isinstance(value, int):
        return f'<c r="{place}" s="6"><v>{value}</v></c>'
    about = f'r="{place}" s="{style}" t="inlineStr"'
    return f"<c {about}><is><t>{escaped(value)}</t></is></c>"


def _write_styles(draft: Draft) -> str:
    major, minor = draft.fonts
    title = draft.pick(23, 13, 20)
    fonts = (
        f'<sz val="11"/><name val="{minor}"/><family val="2"/>',
        f'<b/><sz val="{title}"/><color rgb="FF{draft.accent}"/><name val="{major}"/>',
        f'<b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="{minor}"/>',
        f'<i/><sz val="10"/><color rgb="FF{draft.grey(*DIM)}"/><name val="{minor}"/>',
        f'<b/><sz val="11"/><name val="{minor}"/>',
    )
    fills = (
        '<patternFill patternType="none"/>',
        '<patternFill patternType="gray125"/>',
        f'<patternFill patternType="solid"><fgColor rgb="FF{draft.accent}"/></patternFill>',
    )
    line = f'<{{0}} style="thin"><color rgb="FF{draft.grey(*PALE)}"/></{{0}}>'
    thin = "".join(line.format(side) for side in ("left", "right", "top", "bottom"))
    borders = ("<left/><right/><top/><bottom/><diagonal/>", f"{thin}<diagonal/>")
    # Number format, font, fill and border of each style, by its number.
    looks = ((0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 2, 1), (0, 0, 0, 1), (0, 3, 0, 0), (0, 4, 0, 0))
    formats = "".join(
        f'<xf numFmtId="{n}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"/>'
        for n, font, fill, border in (*looks, (3, 0, 0, 1))
    )
    return (
        f"<styleSheet {_NAMESPACES}>{_list('fonts', 'font', fonts)}{_list('fills', 'fill', fills)}"
        f'{_list("borders", "border", borders)}<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="7">{formats}</cellXfs><cellStyles count="1">'
        '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _list(name: str, item: str, contents: tuple[str, ...]) -> str:
    items = "".join(f"<{item}>{content}</{item}>" for content in contents)
    return f'<{name} count="{len(contents)}">{items}</{name}>'
