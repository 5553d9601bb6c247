"""A Word document that fires when it is opened."""

from serinus.formats.ooxml import APPLICATION
from serinus.formats.word import link_picture
from serinus.formats.word_draft import write_word
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class WordKind(DocumentKind):
    """A linked picture in the footer, and the field of Word that includes it."""

    name = "word"
    title = "Word document"
    summary = "A Word document, yours or a drawn one, that fires when it is opened."
    form = Form(".docx", f"{APPLICATION}wordprocessingml.document", write_word, link_picture)
    planting = (
        "Put it where whoever looks around opens files: a share, a desktop, a mailbox, an archive. "
        "Best is a file of your own, which comes back as it was but for a picture of the height "
        "of a line in the footer of its first page; an empty footer is made if there is none.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. Microsoft "
        "Word is known to fetch linked pictures and the field INCLUDEPICTURE, both of which are "
        "in it, but no test here holds that; in Protected View nothing is fetched until somebody "
        "enables editing.",
        "Previews, virus scanners and search engines mostly fetch nothing. A file without a way "
        "out to the web fires by the lookup of the host name alone, where names are looked up.",
        "It may be spotted: the address stands as text in the footer's relationships, and Word "
        "shows an empty frame where the picture cannot be fetched. Macro files, templates, signed "
        "files and files with a password are refused.",
    )
    proof = proven("LibreOffice")


KIND = WordKind()
