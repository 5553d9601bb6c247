"""A URL that fires when it is fetched, and looks like a picture, a page or a file."""

import re
from dataclasses import dataclass

from serinus.base.entropy import draw_index
from serinus.base.errors import OperatorError
from serinus.model.answer import BODY_SIZE_MAX, Answer
from serinus.model.touch import Touch
from serinus.tokens.describe import describe_touch
from serinus.tokens.kind import Artefact, Group, Options, Token, Trip, option, options_of, proven
from serinus.tokens.site import Site

FILE_NAME_LENGTH_MAX = 120
"""Characters: at three bytes each in percent form, still an ordinary URL."""
CONTENT_TYPE_LENGTH_MAX = 120
"""Characters: the longest registered office types have about 75."""

# type/subtype and parameters, RFC 9110 §8.3.1.
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( ?; ?[\w-]+=[\w.+-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebOptions(Options):
    """What the URL looks like, and the file that it gives, if it is one."""

    surface: str = option(
        "Surface",
        "What a visitor gets: a picture of one pixel, an empty page, or a file of yours.",
        default="pixel",
        choices=("pixel", "page", "file"),
    )
    body: bytes = option("File", "The file to give.", default=b"", max=BODY_SIZE_MAX)
    content_type: str = option(
        "Content type",
        "What the file is, such as application/pdf.",
        default="application/octet-stream",
        max=CONTENT_TYPE_LENGTH_MAX,
    )
    file_name: str = option(
        "File name",
        "Name at the end of the URL, such as plan.pdf.",
        default="",
        max=FILE_NAME_LENGTH_MAX,
    )

    def check(self) -> None:
        """Hold the options to the surface that they belong to."""
        if not _CONTENT_TYPE.fullmatch(self.content_type):
            raise OperatorError("Give a content type such as application/pdf.", "content_type")
        if self.surface == "file":
            if not self.body:
                raise OperatorError("A token that gives a file needs the file.", "body")
            if not self.file_name.strip(". ") or set(self.file_name) & set('/\\"'):
                raise OperatorError("Give a file name without slashes or quotes.", "file_name")
            if self.file_name.startswith("."):
                raise OperatorError("A file name does not begin with a dot here.", "file_name")
        elif self.body:
            raise OperatorError("Only a token whose surface is file takes a file.", "body")


class WebKind:
    """A URL."""

    name = "web"
    title = "URL"
    summary = "A URL that fires when anybody fetches it; a picture, an empty page or your file."
    group = Group.PRIMITIVE
    planting = (
        "Put the URL where nobody has a reason to open it: a document, a mail, a wiki page, a "
        "script, a bookmark. Whatever fetches it fires it, with any method.",
        "Chat programs and mail gateways fetch the links that pass through them to show a preview; "
        "paste it where no such program reads along.",
    )
    proof = proven("curl", "wget")
    options = WebOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL, and for a picture the HTML that embeds it."""
        options = options_of(token, WebOptions)
        suffix = _suffix(options, token, site)
        url = site.url(token.id, suffix)
        found = [
            Artefact("url", "URL", url),
            Artefact("own", "URL whose lookup alone fires", site.host_url(token.id, suffix)),
        ]
        if options.surface == "pixel":
            # A drawn path and a zone hold nothing that HTML would read as its own.
            picture = f'<img src="{url}" alt="">'
            found.append(Artefact("html", "HTML of the picture", picture, "text/html"))
        return found

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the fetch, or the lookup of the token's name."""
        return describe_touch(touch, token)

    def answer(self, token: Token, site: Site) -> Answer | None:  # noqa: ARG002
        """Return the operator's file, else the default surface."""
        options = options_of(token, WebOptions)
        if options.surface != "file":
            return None
        return Answer(headers=(("Content-Type", options.content_type),), body=options.body)


def _suffix(options: WebOptions, token: Token, site: Site) -> str:
    if options.surface == "file":
        return options.file_name
    endings = (".gif", ".png") if options.surface == "pixel" else ("", ".html")
    return endings[draw_index(site.entropy(token.id, "ending"), 2)]


KIND = WebKind()
