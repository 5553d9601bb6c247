"""An OpenDocument text that fires when it is opened."""

from serinus.formats.odf import MIME, link_text_picture
from serinus.formats.odf_draft import write_odt
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class ODTKind(DocumentKind):
    """A linked picture at the head of the first page, behind the text."""

    name = "odt"
    title = "OpenDocument text"
    summary = "An OpenDocument text (.odt), yours or a drawn one, that fires when it is opened."
    form = Form(".odt", f"{MIME}text", write_odt, link_text_picture)
    planting = (
        "Put it where whoever looks around opens files, and where LibreOffice is the office "
        "program. Best is a file of your own, which comes back as it was but for a small picture "
        "at the head of the first page, behind the text.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. It does "
        "not where its option to block links from documents that are not trusted is on; by "
        "default it is off. Microsoft Office opens such files, too, but no test here holds that it "
        "fetches the picture.",
        "It may be spotted: the address stands as text in content.xml. Templates, signed "
        "files and files with a password are refused.",
    )
    proof = proven("LibreOffice")


KIND = ODTKind()
