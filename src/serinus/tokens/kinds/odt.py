"""An OpenDocument text that fires when it is opened."""

from serinus.formats.odf import MIME, link_text_picture
from serinus.formats.odf_draft import write_odt
from serinus.tokens.documents import DocumentKind, Form, plant_open_document
from serinus.tokens.kind import proven


class ODTKind(DocumentKind):
    """A linked picture at the head of the first page, behind the text."""

    name = "odt"
    title = "OpenDocument text"
    summary = "An OpenDocument text (.odt), yours or a drawn one, that fires when it is opened."
    form = Form(".odt", f"{MIME}text", write_odt, link_text_picture)
    planting = plant_open_document("at the head of the first page, behind the text", "content.xml")
    proof = proven("LibreOffice")


KIND = ODTKind()
