"""The parts that new files of Word, Excel and PowerPoint have in common (ECMA-376-1 §14, §15)."""

from datetime import datetime

from serinus.formats.draft import Draft, stamp
from serinus.formats.markup import escaped
from serinus.formats.ooxml import APPLICATION, CONTENT_TYPES, DRAWING, OFFICE, RELATIONSHIPS, XML
from serinus.formats.package import Manner, write_package

_PROPERTIES = "http://schemas.openxmlformats.org/package/2006"
_EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
# Microsoft Office writes no times, and says by these bits that it packs fast.
_MANNER = Manner(datetime(1980, 1, 1), 20, 0x6)

Part = tuple[str, str, str]
"""Name, content type without `APPLICATION`, and XML without its declaration."""


def write_office(
    draft: Draft, program: str, parts: list[Part], relationships: dict[str, list[tuple[str, str]]]
) -> bytes:
    """Return a new file.

    Args:
        draft: What its properties say.
        program: Such as `Microsoft Office Word`.
        parts: The main one first.
        relationships: By the part's name: type and target of rId1, rId2, …
    """
    main = parts[0][0]
    relationships = {
        "": [
            (f"{OFFICE}/officeDocument", main),
            (f"{_PROPERTIES}/relationships/metadata/core-properties", "docProps/core.xml"),
            (f"{OFFICE}/extended-properties", "docProps/app.xml"),
        ],
        **{
            part: [(f"{OFFICE}/{type_}", target) for type_, target in related]
            for part, related in relationships.items()
        },
    }
    written: list[tuple[str, str]] = [("[Content_Types].xml", _write_types(parts))]
    written += [(_rels(name), _write_relationships(r)) for name, r in relationships.items()]
    written += [(name, xml) for name, _, xml in parts]
    written += [("docProps/core.xml", _write_core(draft))]
    written += [("docProps/app.xml", _write_app(draft, program))]
    return write_package([(name, (XML + xml).encode()) for name, xml in written], _MANNER)


def write_theme(draft: Draft) -> str:
    """Return a theme (§20.1.6.9) in the draft's colour and fonts."""
    accents = (draft.accent, *(draft.number(n)[2:] for n in range(5)))
    colours = "".join(
        f'<a:accent{n}><a:srgbClr val="{colour}"/></a:accent{n}>'
        for n, colour in enumerate(accents, 1)
    )
    head, body = (
        f'<a:latin typeface="{font}"/><a:ea typeface=""/><a:cs typeface=""/>'
        for font in draft.fonts
    )
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    lines = "".join(f'<a:ln w="{width}">{fill}</a:ln>' for width in (6350, 12700, 19050))
    effects = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    name = escaped(draft.company)
    return (
        f'<a:theme xmlns:a="{DRAWING}" name="{name}"><a:themeElements><a:clrScheme name="{name}">'
        '<a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1>'
        '<a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1>'
        f'<a:dk2><a:srgbClr val="{draft.accent}"/></a:dk2><a:lt2><a:srgbClr val="EEECE1"/></a:lt2>'
        f'{colours}<a:hlink><a:srgbClr val="0563C1"/></a:hlink>'
        '<a:folHlink><a:srgbClr val="954F72"/></a:folHlink></a:clrScheme>'
        f'<a:fontScheme name="{name}"><a:majorFont>{head}</a:majorFont>'
        f"<a:minorFont>{body}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="{name}"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{lines}</a:lnStyleLst><a:effectStyleLst>{effects}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements>"
        "</a:theme>"
    )


def _rels(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def _write_types(parts: list[Part]) -> str:
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{APPLICATION}{type_}"/>'
        for name, type_, _ in parts
    )
    core = "application/vnd.openxmlformats-package."
    return (
        f'<Types xmlns="{CONTENT_TYPES}"><Default Extension="rels" '
        f'ContentType="{core}relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}'
        f'<Override PartName="/docProps/core.xml" ContentType="{core}core-properties+xml"/>'
        f'<Override PartName="/docProps/app.xml" ContentType="{APPLICATION}'
        'extended-properties+xml"/></Types>'
    )


def _write_relationships(related: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{type_}" Target="{target}"/>'
        for number, (type_, target) in enumerate(related, 1)
    )
    return f'<Relationships xmlns="{RELATIONSHIPS}">{items}</Relationships>'


def _write_core(draft: Draft) -> str:
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{stamp(at)}</dcterms:{name}>'
        for name, at in (("created", draft.created_at), ("modified", draft.modified_at))
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PROPERTIES}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:dcmitype="http://purl.org/dc/dcmitype/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(draft.title)}</dc:title>"
        f"<dc:creator>{escaped(draft.author)}</dc:creator>"
        f"<cp:lastModifiedBy>{escaped(draft.editor)}</cp:lastModifiedBy>"
        f"<cp:revision>{draft.revision}</cp:revision>{times}</cp:coreProperties>"
    )


def _write_app(draft: Draft, program: str) -> str:
    return (
        f'<Properties xmlns="{_EXTENDED}"><TotalTime>{draft.minutes}</TotalTime>'
        f"<Application>{program}</Application><DocSecurity>0</DocSecurity>"
        f"<Company>{escaped(draft.company)}</Company><AppVersion>16.0000</AppVersion></Properties>"
    )
