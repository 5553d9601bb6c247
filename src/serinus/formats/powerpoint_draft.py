"""A new PowerPoint presentation (ECMA-376-1 §19): a title, the text, the table and the points."""

from collections.abc import Sequence

from serinus.formats.draft import PALE, Cell, Draft
from serinus.formats.markup import escaped
from serinus.formats.office_draft import Part, write_office, write_theme
from serinus.formats.ooxml import DRAWING, OFFICE
from serinus.formats.powerpoint import MAIN, MAIN_TYPE

_TYPE = "presentationml.{}+xml"
_NAMESPACES = f'xmlns:a="{DRAWING}" xmlns:r="{OFFICE}" xmlns:p="{MAIN}"'
_WIDTH, _HEIGHT = 12192000, 6858000
"""English metric units: 16 to 9."""
_HEADING = 914400
"""The same: the height of a title."""
_TABLE = "http://schemas.openxmlformats.org/drawingml/2006/table"
_ROWS_MAX = 9
"""Rows of a table that fit on a slide."""
_GROUP = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
    '<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/>'
    '<a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
_MAP = (
    '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" '
    'accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" '
    'folHlink="folHlink"/>'
)


def write_powerpoint(draft: Draft) -> bytes:
    """Return a presentation of four slides."""
    contents = (
        _title(draft, draft.title, _top(draft) + _HEADING)
        + _body(draft, [draft.company, draft.author, draft.note], _top(draft) + 2 * _HEADING),
        _title(draft, draft.company) + _body(draft, draft.paragraphs),
        _title(draft, draft.title) + _write_table(draft),
        _title(draft, draft.heading) + _body(draft, draft.points, bullet="•"),
    )
    slides = [f"ppt/slides/slide{number}.xml" for number in range(1, len(contents) + 1)]
    layout, master = "ppt/slideLayouts/slideLayout1.xml", "ppt/slideMasters/slideMaster1.xml"
    parts: list[Part] = [
        ("ppt/presentation.xml", MAIN_TYPE, _write_presentation(draft, len(slides))),
        *(
            (name, _TYPE.format("slide"), f"<p:sld {_NAMESPACES}>{_slide(shapes)}</p:sld>")
            for name, shapes in zip(slides, contents, strict=True)
        ),
        (layout, _TYPE.format("slideLayout"), _write_layout(draft)),
        (master, _TYPE.format("slideMaster"), _write_master(draft)),
        ("ppt/theme/theme1.xml", "theme+xml", write_theme(draft)),
    ]
    related = {
        "ppt/presentation.xml": [
            ("slideMaster", "slideMasters/slideMaster1.xml"),
            *(("slide", name.removeprefix("ppt/")) for name in slides),
            ("theme", "theme/theme1.xml"),
        ],
        **{name: [("slideLayout", "../slideLayouts/slideLayout1.xml")] for name in slides},
        layout: [("slideMaster", "../slideMasters/slideMaster1.xml")],
        master: [
            ("slideLayout", "../slideLayouts/slideLayout1.xml"),
            ("theme", "../theme/theme1.xml"),
        ],
    }
    return write_office(draft, "Microsoft Office PowerPoint", parts, related)


def _write_presentation(draft: Draft, count: int) -> str:
    # Slides and masters are numbered from these on (§19.7.13, §19.7.15).
    first = 256 + int(draft.number(0)[:2], 16)
    slides = "".join(f'<p:sldId id="{first + n}" r:id="rId{n + 2}"/>' for n in range(count))
    return (
        f"<p:presentation {_NAMESPACES}><p:sldMasterIdLst>"
        f'<p:sldMasterId id="{_master_number(draft)}" r:id="rId1"/></p:sldMasterIdLst>'
        f'<p:sldIdLst>{slides}</p:sldIdLst><p:sldSz cx="{_WIDTH}" cy="{_HEIGHT}"/>'
        f'<p:notesSz cx="{_HEIGHT}" cy="9144000"/></p:presentation>'
    )


def _master_number(draft: Draft) -> int:
    return 2**31 + int(draft.number(1), 16) // 2


def _slide(shapes: str) -> str:
    return (
        f"<p:cSld><p:spTree>{_GROUP}{shapes}</p:spTree></p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>"
    )


def _write_layout(draft: Draft) -> str:
    return (
        f'<p:sldLayout {_NAMESPACES} preserve="1"><p:cSld name="Title and Content"><p:spTree>'
        f"{_GROUP}{_title(draft, '')}{_body(draft, [''])}</p:spTree></p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


def _write_master(draft: Draft) -> str:
    bar = (
        '<p:sp><p:nvSpPr><p:cNvPr id="4" name="Rectangle 3"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        '</p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{_WIDTH}" cy="{draft.pick(20, 60, 240)}000"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr '
        'val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )
    levels = '<a:lvl1pPr><a:defRPr sz="{}"><a:solidFill><a:schemeClr val="{}"/></a:solidFill>'
    levels += '<a:latin typeface="{}"/></a:defRPr></a:lvl1pPr>'
    return (
        f'<p:sldMaster {_NAMESPACES}><p:cSld><p:bg><p:bgRef idx="1001"><a:schemeClr val="bg1"/>'
        f"</p:bgRef></p:bg><p:spTree>{_GROUP}{bar}{_title(draft, '')}{_body(draft, [''])}"
        "</p:spTree>"
        f'</p:cSld>{_MAP}<p:sldLayoutIdLst><p:sldLayoutId id="{_master_number(draft) + 1}" '
        'r:id="rId1"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle>'
        f"{levels.format(draft.pick(21, 26, 36) * 100, 'tx2', '+mj-lt')}</p:titleStyle>"
        "<p:bodyStyle>"
        f"{levels.format(1800, 'tx1', '+mn-lt')}</p:bodyStyle><p:otherStyle/></p:txStyles>"
        "</p:sldMaster>"
    )


def _margin(draft: Draft) -> int:
    return 3175 * draft.pick(26, 150, 290)


def _top(draft: Draft) -> int:
    """Return where the text begins, below the title."""
    return 3175 * draft.pick(27, 470, 540)


def _title(draft: Draft, text: str, top: int = 0) -> str:
    top = top or _top(draft) - _HEADING - 3175 * draft.pick(28, 30, 80)
    return _shape(2, "Title 1", "title", [text], (_margin(draft), top, _HEADING), "")


def _body(draft: Draft, texts: Sequence[str], top: int = 0, bullet: str = "") -> str:
    top, name = top or _top(draft), "Content Placeholder 2"
    place = _margin(draft), top, _HEIGHT - top - _margin(draft)
    return _shape(3, name, "body", texts, place, bullet)


def _shape(
    number: int,
    name: str,
    type_: str,
    texts: Sequence[str],
    place: tuple[int, int, int],
    bullet: str,
) -> str:
    about = f'<a:pPr marL="285750" indent="-285750"><a:buChar char="{bullet}"/></a:pPr>'
    paragraphs = "".join(
        f'<a:p>{about if bullet else ""}<a:r><a:rPr lang="en-GB"/><a:t>{escaped(text)}</a:t></a:r>'
        "</a:p>"
        if text
        else "<a:p/>"
        for text in texts
    )
    x, y, height = place
    index = ' idx="1"' if type_ == "body" else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f'</p:cNvSpPr><p:nvPr><p:ph type="{type_}"{index}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{x}" y="{y}"/><a:ext cx="{_WIDTH - 2 * x}" cy="{height}"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f"<p:txBody><a:bodyPr><a:normAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</p:txBody></p:sp>"
    )


def _write_table(draft: Draft) -> str:
    width, height = (_WIDTH - 2 * _margin(draft)) // len(draft.header), 411480
    edge = draft.grey(*PALE)
    rows = [_row(draft.header, height, "accent1", "bg1", edge)]
    rows += [_row(row, height, "bg1", "tx1", edge) for row in draft.rows[:_ROWS_MAX]]
    columns = f'<a:gridCol w="{width}"/>' * len(draft.header)
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="Table 4"/><p:cNvGraphicFramePr>'
        '<a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
        f'<p:xfrm><a:off x="{_margin(draft)}" y="{_top(draft)}"/>'
        f'<a:ext cx="{width * len(draft.header)}" '
        f'cy="{height * len(rows)}"/></p:xfrm><a:graphic><a:graphicData uri="{_TABLE}"><a:tbl>'
        f'<a:tblPr firstRow="1"/><a:tblGrid>{columns}</a:tblGrid>{"".join(rows)}</a:tbl>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _row(cells: tuple[Cell, ...], height: int, fill: str, text: str, edge: str) -> str:
    colour = f'<a:solidFill><a:srgbClr val="{edge}"/></a:solidFill>'
    line = f'<a:ln{{0}} w="6350">{colour}</a:ln{{0}}>'
    lines = "".join(line.format(side) for side in "LRTB")
    written = "".join(
        '<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr lang="en-GB" sz="1400">'
        f'<a:solidFill><a:schemeClr val="{text}"/></a:solidFill></a:rPr>'
        f"<a:t>{f'{cell:,}' if isinstance(cell, int) else escaped(cell)}</a:t></a:r></a:p>"
        f'</a:txBody><a:tcPr>{lines}<a:solidFill><a:schemeClr val="{fill}"/></a:solidFill>'
        "</a:tcPr></a:tc>"
        for cell in cells
    )
    return f'<a:tr h="{height}">{written}</a:tr>'
