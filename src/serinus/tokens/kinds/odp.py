"""An OpenDocument presentation that fires when it is opened."""

from serinus.formats.odf import MIME, link_slide_picture
from serinus.formats.odf_draft import write_odp
from serinus.tokens.documents import DocumentKind, Form, plant_open_document
from serinus.tokens.kind import proven


class ODPKind(DocumentKind):
    """A linked picture on the master of the first slide."""

    name = "odp"
    title = "OpenDocument presentation"
    summary = (
        "An OpenDocument presentation (.odp), yours or a drawn one, that fires when it is opened."
    )
    form = Form(".odp", f"{MIME}presentation", write_odp, link_slide_picture)
    planting = plant_open_document("on the master of the first slide", "styles.xml")
    proof = proven("LibreOffice")


KIND = ODPKind()
