"""What the kinds of office files share: an uploaded file or a drawn one, and the picture in it.

Rules:
- What an upload holds is looked at only where the document is made: at mint, where an
  OperatorError refuses the token, and when it is downloaded. No list and no name depends on it.
- The picture of an upload is transparent, so that its file looks as before; a drawn file shows
  the mark of its company.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from serinus.base.errors import OperatorError
from serinus.formats.draft import Draft
from serinus.formats.ooxml import LinkedPicture
from serinus.formats.package import FormatError
from serinus.model.answer import Answer
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Artefact, Group, Options, Proof, Token, option, options_of
from serinus.tokens.marks import draw_mark, show_mark
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.stories import file_stem, tell_story

FILE_SIZE_MAX = 20 * 1024 * 1024
"""Bytes of an upload: what mail takes, and so what offices send each other."""
FILE_NAME_LENGTH_MAX = 120
"""Characters: with a folder before it, below what any file system takes."""


@dataclass(frozen=True, slots=True)
class DocumentOptions(Options):
    """A file of the operator's own, and what it is called."""

    file: bytes = option(
        "File",
        "A file of yours, up to 20 MiB; it stays as it is but for the picture. Without one, a file "
        "is drawn: words of the memo such as passwords, salaries, plan, contract or network "
        "choose what it is about.",
        default=b"",
        max=FILE_SIZE_MAX,
    )
    file_name: str = option(
        "File name",
        "What the file is called, such as plan.docx; drawn if you give none.",
        default="",
        max=FILE_NAME_LENGTH_MAX,
    )

    def check(self) -> None:
        """Refuse names that some system does not take."""
        if set(self.file_name) & set('/\\:*?"<>|') or self.file_name.strip(". ") != self.file_name:
            raise OperatorError(
                "Give a file name without slashes, colons, quotes, * ? < > | and without dots or "
                "blanks at its ends.",
                "file_name",
            )


class _Linker(Protocol):
    def __call__(self, data: bytes, picture: LinkedPicture) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Form:
    """A format of office files.

    Attributes:
        ending: Of the file's name, with its dot.
        media_type: Of the file.
        write: Makes a new file.
        link: Puts the picture into a file.
    """

    ending: str
    media_type: str
    write: Callable[[Draft], bytes]
    link: _Linker


class DocumentKind(PlainKind):
    """Base of the kinds of office files; a kind gives its form and its words."""

    name: str
    title: str
    summary: str
    planting: tuple[str, ...]
    proof: Proof
    form: Form
    group = Group.FILE
    options: type[Options] = DocumentOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the document."""
        name = options_of(token, DocumentOptions).file_name
        if not name:
            name = file_stem(tell_story(token, site), token, site)
        if not name.lower().endswith(self.form.ending):
            name += self.form.ending
        make = _Maker(self.form, token, site)
        return [Artefact("document", "Document", make, self.form.media_type, name)]

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the picture, whatever path is asked for."""
        return show_mark(token, site, is_clear=bool(options_of(token, DocumentOptions).file))


def plant_open_document(where: str, part: str) -> tuple[str, ...]:
    """Return the paragraphs of `planting` that the kinds for LibreOffice share.

    Args:
        where: Where in the document the picture is.
        part: The part of the package in which its address stands.
    """
    return (
        "Put it where whoever looks around opens files, and where LibreOffice is the office "
        "program. Best is a file of your own, which comes back as it was but for a small picture "
        f"{where}.",
        "LibreOffice 7.4 fetches the picture when it opens the file: a test holds that. It does "
        "not where its option to block links from documents that are not trusted is on; by "
        "default it is off. Microsoft Office opens such files, too, but no test here holds that it "
        "fetches the picture.",
        f"It may be spotted: the address stands as text in {part}. Templates, signed files and "
        "files with a password are refused.",
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the document when it is wanted."""

    form: Form
    token: Token
    site: Site

    def __call__(self) -> bytes:
        file = options_of(self.token, DocumentOptions).file
        picture = _draw_picture(self.token, self.site)
        try:
            return self.form.link(
                file or self.form.write(tell_story(self.token, self.site)), picture
            )
        except FormatError as error:
            raise OperatorError(f"The file {error}.", "file") from error


def _draw_picture(token: Token, site: Site) -> LinkedPicture:
    """Return the picture, no higher than a line, so that nothing around it moves."""
    draw = Draw(token, site, "picture")
    mark = draw_mark(token, site)
    height = draw.number(14, 18)
    width = height * mark.width // mark.height
    name = f"{draw.one(('Picture', 'Graphic', 'Image', 'Logo'))} {draw.number(2, 60)}"
    url = site.host_url(token.id, ".png")
    return LinkedPicture(url, width, height, draw.number(10**8, 2**31 - 2), name)
