"""An OpenDocument spreadsheet that fires when it is opened."""

from serinus.formats.odf import MIME, link_sheet_picture
from serinus.formats.odf_draft import write_ods
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class ODSKind(DocumentKind):
    """A linked picture at the corner of the first sheet."""

    name = "ods"
    title = "OpenDocument spreadsheet"
    summary = (
        "An OpenDocument spreadsheet (.ods), yours or a drawn one, that fires when it is opened."
    )
    form = Form(".ods", f"{MIME}spreadsheet", write_ods, link_sheet_picture)
    planting = (
        "Put it where whoever looks around opens files, and where LibreOffice is the office "
        "program. Best is a file of your own, which comes back as it was but for a small picture "
        "at the corner of the first sheet.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. It does "
        "not where its option to block links from documents that are not trusted is on; by "
        "default it is off. Microsoft Office opens such files, too, but no test here holds that it "
        "fetches the picture.",
        "It may be spotted: the address stands as text in content.xml. Templates, signed "
        "files and files with a password are refused.",
    )
    proof = proven("LibreOffice")


KIND = ODSKind()
