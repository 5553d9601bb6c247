"""An OpenDocument presentation that fires when it is opened."""

from serinus.formats.odf import MIME, link_slide_picture
from serinus.formats.odf_draft import write_odp
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class ODPKind(DocumentKind):
    """A linked picture on the master of the first slide."""

    name = "odp"
    title = "OpenDocument presentation"
    summary = (
        "An OpenDocument presentation (.odp), yours or a drawn one, that fires when it is opened."
    )
    form = Form(".odp", f"{MIME}presentation", write_odp, link_slide_picture)
    planting = (
        "Put it where whoever looks around opens files, and where LibreOffice is the office "
        "program. Best is a file of your own, which comes back as it was but for a small picture "
        "on the master of the first slide.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. It does "
        "not where its option to block links from documents that are not trusted is on; by "
        "default it is off. Microsoft Office opens such files, too, but no test here holds that it "
        "fetches the picture.",
        "It may be spotted: the address stands as text in styles.xml. Templates, signed "
        "files and files with a password are refused.",
    )
    proof = proven("LibreOffice")


KIND = ODPKind()
