"""A picture of the operator's own that fires when it is shown."""

from dataclasses import dataclass

from serinus.model.answer import BODY_SIZE_MAX, Answer
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.pictures import read_picture_type
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site


@dataclass(frozen=True, slots=True)
class ImageOptions(Options):
    """The picture."""

    picture: bytes = option(
        "Picture", "PNG, JPEG, GIF, WebP or icon; its type is read from it.", max=BODY_SIZE_MAX
    )

    def check(self) -> None:
        """Refuse what is no picture."""
        read_picture_type(self.picture, "picture")


class ImageKind(PlainKind):
    """A picture at a URL, and what embeds it."""

    name = "image"
    title = "Picture"
    summary = "A picture of yours, such as a logo or a signature, that fires when it is shown."
    group = Group.WEB
    planting = (
        "Embed it where nobody has a reason to look: a mail, a wiki page, a document, a signature. "
        "A picture that belongs there, of a usual size, is not looked at twice.",
        "It fires when a program shows what embeds it: browsers do, mail programs mostly ask "
        "first, and those of large providers fetch by a proxy that hides the reader. A program "
        "that keeps a copy of the picture does not come again.",
        "The picture is served as it is: what its file says of camera, place and author stays in.",
    )
    proof = proven("Chromium", "curl")
    options = ImageOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL, and the HTML and Markdown that embed it."""
        _, ending = self._read_type(token)
        url = site.host_url(token.id, ending)
        # A drawn path and a zone hold nothing that HTML or Markdown would read as its own.
        return [
            Artefact("url", "URL", url),
            Artefact("html", "HTML", f'<img src="{url}" alt="">', "text/html"),
            Artefact("markdown", "Markdown", f"![]({url})", "text/markdown"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:  # noqa: ARG002
        """Return the picture."""
        media_type, _ = self._read_type(token)
        picture = options_of(token, ImageOptions).picture
        return Answer(headers=(("Content-Type", media_type),), body=picture)

    def _read_type(self, token: Token) -> tuple[str, str]:
        return read_picture_type(options_of(token, ImageOptions).picture, "picture")


KIND = ImageKind()
