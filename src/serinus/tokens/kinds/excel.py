"""An Excel workbook that fires when it is opened."""

from serinus.formats.excel import link_picture
from serinus.formats.excel_draft import write_excel
from serinus.formats.ooxml import APPLICATION
from serinus.tokens.documents import DocumentKind, Form
from serinus.tokens.kind import proven


class ExcelKind(DocumentKind):
    """A linked picture beside the cells of the first sheet."""

    name = "excel"
    title = "Excel workbook"
    summary = "An Excel workbook, yours or a drawn one, that fires when it is opened."
    form = Form(".xlsx", f"{APPLICATION}spreadsheetml.sheet", write_excel, link_picture)
    planting = (
        "Put it where whoever looks around opens files: lists of salaries, of access data or of "
        "customers are opened first. Best is a workbook of your own, which comes back as it was "
        "but for a small picture to the right of what its first sheet holds.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. Microsoft "
        "Excel is known to fetch linked pictures, but no test here holds that; in Protected View "
        "nothing is fetched until somebody enables editing.",
        "It may be spotted: the address stands as text in the relationships of the drawing, and "
        "Excel shows an empty frame where the picture cannot be fetched. Macro files, templates, "
        "signed files and files with a password are refused, and .xls and .xlsb files, too.",
    )
    proof = proven("LibreOffice")


KIND = ExcelKind()
