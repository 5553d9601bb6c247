"""A PowerPoint presentation that fires when it is opened."""

from serinus.formats.ooxml import APPLICATION
from serinus.formats.powerpoint import link_picture
from serinus.formats.powerpoint_draft import write_powerpoint
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class PowerPointKind(DocumentKind):
    """A linked picture on the master of the first slide."""

    name = "powerpoint"
    title = "PowerPoint presentation"
    summary = "A PowerPoint presentation, yours or a drawn one, that fires when it is opened."
    form = Form(
        ".pptx", f"{APPLICATION}presentationml.presentation", write_powerpoint, link_picture
    )
    planting = (
        "Put it where whoever looks around opens files: a share, a meeting's folder, a mailbox. "
        "Best is a presentation of your own, which comes back as it was but for a small picture "
        "on the master of its first slide, behind all that the slides show.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. Microsoft "
        "PowerPoint is known to fetch linked pictures, but no test here holds that; in Protected "
        "View nothing is fetched until somebody enables editing.",
        "It may be spotted: the address stands as text in the relationships of the slide master. "
        "Macro files, templates, signed files and files with a password are refused.",
    )
    proof = proven("LibreOffice")


KIND = PowerPointKind()
