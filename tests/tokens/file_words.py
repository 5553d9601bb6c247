"""What office files, pages and drawings share, as `format_words` has it for others."""

import re

from serinus.tokens import stories
from serinus.tokens.kinds import html, svg
from tokens.config_words import COMMON, Words, any_of

_WORD = re.compile(r"[A-Za-z]+(?:-[a-z]+)?")


def story_words() -> bytes:
    """The words that stories are drawn from, one at a time; test_stories holds how they differ."""
    subjects = (
        text
        for subject in stories.SUBJECTS
        for text in (*subject.titles, *subject.sentences, *(n for c in subject.columns for n in c))
    )
    lists = (stories.TRADES, stories.TEAMS, stories.OPENINGS, stories.POINTS)
    texts = [*subjects, *stories.HEADINGS, *stories.NOTES, *(t for some in lists for t in some)]
    words = {word for text in texts for word in _WORD.findall(text) if len(word) > 2}
    return (
        rb"(?<![a-z])(?:"
        + "|".join(sorted(words, key=len, reverse=True)).encode()
        + rb")(?![a-z])[.,;:]?"
    )


STORY: Words = {
    **COMMON,
    story_words(): "single words of English, of which sentences are drawn",
    rb"Arial|Calibri( Light)?|Cambria|Georgia|Segoe UI|Tahoma|Trebuchet MS|Verdana": (
        "fonts that every computer has, of which two are drawn"
    ),
    rb"\d\d\.\d\d\.\d{4}|[_-]?(Q[1-4]|20\d\d)\b(?!-\d\d\b)": "dates",
    rb"[_-]?\b(new|final|v\d)\b|[_-](new|final|v\d|Q[1-4]|20\d\d)(?![a-z\d]|-\d\d\b)": (
        "how people mark versions and quarters in names of files"
    ),
    rb"\b(Mon|Tues|Wednes|Thurs|Fri)day,"
    rb"|\b(January|February|September|October|November|December)\b": ("days and months"),
}
MARK: Words = {
    rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR[\s\S]{21}IDAT\x78\xda": (
        "how a PNG begins, with the drawn size of the picture and its checksum"
    ),
    rb"(?P<row>[\s\S]{2}[\0-\x08\x7f-\xff])(?P=row)+": "what deflate makes of equal rows",
    rb"\x81\x08<D\xe0!\x02\x0f": "what it makes of the same edge of a shape, at another size",
    rb"\0*IEND\xaeB`\x82": "how it ends",
}
XML: Words = {
    rb"<\?xml version=\"1\.0\" encoding=\"UTF-8\"( standalone=\"yes\")?\?>": "how XML begins",
    rb"xmlns(:[a-z]+)?=\"[^\"]*\"": "namespaces",
    rb"</?[a-z]+(:[\w-]+)?": "elements, which the schemas name",
    rb"(?<=\s)[a-z]+(:[\w-]+)?=\"": "attributes, which the schemas name",
    rb"\"?/?>": "how a tag ends",
}
OFFICE: Words = {
    **XML,
    **STORY,
    **MARK,
    rb"schemas\.openxmlformats\.org/[\w/-]+|purl\.org/[\w/.]+": (
        "registered types of relationships, and what properties are called"
    ),
    rb"application/(xml|vnd\.openxmlformats-[\w.+-]+)": "registered media types",
    rb"/?\[Content_Types\]\.xml|/?(\w+/)?_rels/[\w.]*\.rels|/?docProps/(app|core)\.xml": (
        "parts of every package (ECMA-376-2)"
    ),
    rb"Microsoft( Office)? (Excel|Word|PowerPoint)|16\.0000": "what the programs call themselves",
    rb"dcterms:W3CDTF": "the form of a time (ECMA-376-2 §11.1)",
    rb"\b(windowText|(FF)?FFFFFF|External)\b": "colours of the system, and what lies elsewhere",
    rb"\.(docx|xlsx|pptx)\b": "endings",
}
ODF: Words = {
    **XML,
    **STORY,
    **MARK,
    rb"application/vnd\.oasis\.opendocument\.[a-z]+|text/xml": "registered media types",
    rb"META-INF/manifest\.xml|mimetype|(content|styles|meta)\.xml": "parts of every package",
    rb"[\d.]+\$Linux_X86_64|LibreOffice_project/[\w$-]+": (
        "what LibreOffice of Debian and Ubuntu calls itself; one of five is drawn"
    ),
    rb"\.(odt|ods|odp)\b": "endings",
    rb"LibreOffice/": "the program",
    rb"PT\d+H\d+M\d+S": "for how long it was edited, drawn to the second",
    rb"#ffffff": "white",
    rb"\b(paragraph|from-left|drawing-page|backgroundobjects|Default|Standard)\b": (
        "values of the schema, and the pages that LibreOffice makes first"
    ),
    rb"\b\d\.\d{3}cm": "the size of the mark, drawn in whole pixels",
}
FILES: dict[str, Words] = {
    "word": {
        **OFFICE,
        rb"/?(word/)?(theme/)?(document|footer1|styles|settings|numbering|fontTable|theme1)\.xml": (
            "parts as Word calls them"
        ),
        rb"\b(Footer|Heading1|ListParagraph|Subtitle|TableGrid|TableNormal|Title|Normal)\b": (
            "styles that are built into Word"
        ),
        rb"\b(default|doNotCompress|hybridMultilevel|paragraph|preserve|variable)\b": (
            "values of the schema"
        ),
        rb"compatibilityMode|schemas\.microsoft\.com/office/word": "what Word sets (MS-DOCX §2.7)",
        rb"INCLUDEPICTURE|MERGEFORMAT": "how the field for a picture elsewhere is called",
    },
    "excel": {
        **OFFICE,
        rb"/?(\.\./)?(xl/)?(worksheets/|drawings/|theme/)?"
        rb"(workbook|sheet1|drawing1|styles|theme1)\.xml": ("parts as Excel calls them"),
        rb"\binlineStr\b": "a value of the schema",
    },
    "powerpoint": {
        **OFFICE,
        rb"/?(\.\./)?(ppt/)?((slides|slideLayouts|slideMasters|theme)/)?"
        rb"(presentation|slide\d|slideLayout1|slideMaster1|theme1)\.xml": (
            "parts as PowerPoint calls them"
        ),
        rb"\b(12192000|6858000)\b": "the size of slides of 16 to 9",
        rb"Content Placeholder|Rectangle": "how PowerPoint names shapes that it makes",
        rb"\b(accent\d|(fol)?hlink|[dl][kt]\d)\b": "colours of a theme by their names",
        rb"\b(tx|bg)\d=\"|\baccent\d=\"": "how a master maps them",
        rb"\b1[01]\d{6}(?=\")": "widths that follow from a drawn margin, and the mark's place",
    },
    "odt": ODF,
    "ods": ODF,
    "odp": ODF,
    "svg": {
        **XML,
        **STORY,
        **MARK,
        rb"@import|\b(fill|font-family|font-size|none|sans-serif|stroke|url)\b[:;]?"
        rb"|\}text\{|\d+px\}|\.?css\"\);(text\{|\.[a-z]+\d\{)?": (
            "words of CSS, and the rule for all text"
        ),
        rb"\bmiddle\b|\.(svg|css)\b": "a value of the format, and endings",
        rb"(?<![a-z])" + any_of(*svg.NAMES, *svg.GATES) + rb"(?![a-z])": (
            "what plans and machines are called, which is drawn"
        ),
    },
    "html": {
        **XML,
        **STORY,
        **MARK,
        rb"<!doctype|\b(stylesheet|favicon)\b|\.(css|html|ico)\b": "words of HTML, and endings",
        rb"\b(background|border-collapse|collapse|border|color|font-family|font|left|margin"
        rb"|max-width|padding|sans-serif|serif|solid|text-align)\b[:;]?": "words of CSS",
        any_of(*(f"/{name}[.]css" for name in html.SHEETS)): "names of style sheets, drawn",
    },
    "markdown": {**STORY, **MARK, rb"\b(README|NOTES)?\.md\b": "how such files are called"},
    "qr": {
        **XML,
        rb"\x89PNG[\s\S]+?IEND\xaeB`\x82": (
            "pixels that ISO/IEC 18004 wants for the URL, of which two share the host's end and "
            "the way of deflate; the size of a module is drawn"
        ),
        rb"M\d+[ ,]\d+(h\d+v1h-\d+|h\d+v1H\d+|V\d+h\d+V\d+)z": (
            "dark modules, where the standard wants them; how they are drawn is drawn"
        ),
        rb"(qr|code|scan|label|sticker|print)(?=[-_.])|(?<=[-_])(qr|code|scan|label|sticker|print)"
        rb"|\.(png|svg)": "what it is, drawn beside a project, and endings",
        rb"#fff\b|M0 0h\d+v\d+H0z": "white, and the whole of it",
    },
}
