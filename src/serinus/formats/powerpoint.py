"""PowerPoint presentations (ECMA-376-1 §19): a linked picture on the first slide's master."""

from serinus.formats.markup import Markup, after, read_markup
from serinus.formats.ooxml import DRAWING, EMU, OFFICE, LinkedPicture, OfficeFile
from serinus.formats.package import FormatError

MAIN = "http://schemas.openxmlformats.org/presentationml/2006/main"
MAIN_TYPE = "presentationml.presentation.main+xml"

SLIDES_MAX = 16
"""Slides whose master is looked for; the first has one, and each costs three parts to read."""

_SLIDE, _SIZE = f"{MAIN} sldId", f"{MAIN} sldSz"
_TREE, _PROPERTIES = f"{MAIN} spTree", f"{MAIN} grpSpPr"
_MARGIN = 38
"""Pixels between the picture and the edges of a slide."""
_SIZE_DEFAULT = (12192000, 6858000)
_SIZE_MAX = 51206400
"""English metric units, ECMA-376-1 §19.7.18."""


def link_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a presentation with the picture behind all else of a master; raises FormatError."""
    file = OfficeFile(data, MAIN_TYPE)
    presentation = read_markup(file.read(file.main), (_SLIDE, _SIZE))
    master = _find_master(file, presentation)
    link = file.relate(master, "image", picture.url, is_external=True)
    markup = read_markup(file.read(master), (_TREE, _PROPERTIES))
    trees = markup.all(_TREE)
    groups = [e for e in markup.all(_PROPERTIES) if e.parent == _TREE]
    if not trees or not groups:
        raise FormatError("has a slide master without shapes")
    # Behind the properties of the tree comes what is drawn first, and so lies below.
    shape = _write_picture(markup, picture, link, _size(presentation))
    file.change(master, markup.apply([after(groups[0], shape)]))
    return file.written()


def _find_master(file: OfficeFile, presentation: Markup) -> str:
    for slide in presentation.all(_SLIDE)[:SLIDES_MAX]:
        part = file.related(file.main, "slide", slide.attributes.get(f"{OFFICE} id", ""))
        layout = file.related(part, "slideLayout") if part else None
        master = file.related(layout, "slideMaster") if layout else None
        if master is not None:
            return master
    raise FormatError("has no slide: add one")


def _size(presentation: Markup) -> tuple[int, int]:
    for element in presentation.all(_SIZE):
        width, height = (element.attributes.get(name, "")[:9] for name in ("cx", "cy"))
        if width.isdecimal() and height.isdecimal() and int(width) <= _SIZE_MAX:
            return int(width), int(height)
    return _SIZE_DEFAULT


def _write_picture(markup: Markup, picture: LinkedPicture, link: str, size: tuple[int, int]) -> str:
    declared = markup.declare({"p": MAIN, "a": DRAWING})
    x = size[0] - (picture.width + _MARGIN) * EMU
    y = size[1] - (picture.height + _MARGIN // 2) * EMU
    return (
        f"<p:pic{declared}><p:nvPicPr><p:cNvPr {picture.properties}/>"
        '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr userDrawn="1"/>'
        f"</p:nvPicPr>{picture.blip_fill('p', markup.declare({'r': OFFICE}), link)}"
        f"{picture.shape('p', max(x, 0), max(y, 0))}</p:pic>"
    )
