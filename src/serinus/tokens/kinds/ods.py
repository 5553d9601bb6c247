"""An OpenDocument spreadsheet that fires when it is opened."""

from serinus.formats.odf import MIME, link_sheet_picture
from serinus.formats.odf_draft import write_ods
from serinus.tokens.documents import DocumentKind, Form, plant_open_document
from serinus.tokens.kind import proven


class ODSKind(DocumentKind):
    """A linked picture at the corner of the first sheet."""

    name = "ods"
    title = "OpenDocument spreadsheet"
    summary = (
        "An OpenDocument spreadsheet (.ods), yours or a drawn one, that fires when it is opened."
    )
    form = Form(".ods", f"{MIME}spreadsheet", write_ods, link_sheet_picture)
    planting = plant_open_document("at the corner of the first sheet", "content.xml")
    proof = proven("LibreOffice")


KIND = ODSKind()
