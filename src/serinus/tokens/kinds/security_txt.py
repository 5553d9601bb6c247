"""A contact in security.txt that is read by those who look for holes."""

from dataclasses import dataclass
from datetime import timedelta

from serinus.base.errors import OperatorError
from serinus.tokens.configs import written
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

CONTACT_LENGTH_MAX = 300
"""Characters of the operator's own contact."""
LIFETIME_DAYS = 360
"""RFC 9116 §2.5.5 recommends less than a year."""

_PATHS = ("report", "contact", "security", "disclosure", "vdp", "security/report", "form")


@dataclass(frozen=True, slots=True)
class SecurityTxtOptions(Options):
    """The contact that a researcher is to use."""

    contact: str = option(
        "Your contact",
        "Where reports are really read, such as mailto:security@example.com; it stands first.",
        default="",
        max=CONTACT_LENGTH_MAX,
    )

    def check(self) -> None:
        """Refuse what is no URI (RFC 9116 §2.5.3)."""
        lawful = self.contact.startswith(("mailto:", "https://", "tel:"))
        if self.contact and not (lawful and all("!" <= c <= "~" for c in self.contact)):
            raise OperatorError(
                "Give a contact that begins with mailto:, https:// or tel:.", "contact"
            )


class SecurityTxtKind(PlainKind):
    """A file for `/.well-known/security.txt` (RFC 9116)."""

    name = "security_txt"
    title = "Security contact"
    summary = "A security.txt for your site whose form fires when somebody opens it."
    group = Group.WEB
    planting = (
        "Save it as /.well-known/security.txt of your own site, and renew it before it expires. "
        "Give your real contact: honest researchers read this file, too, and the form of the token "
        "takes no reports.",
        "It fires when somebody opens the form's address: people who look for a way to report, or "
        "for what you run. Crawlers that collect such files follow the addresses at times, so that "
        "an alarm from it is a hint and no proof.",
        "The address is not under your own domain unless the deployment's zone is.",
    )
    proof = proven("curl")
    options = SecurityTxtOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file, and the address alone."""
        draw = Draw(token, site, "security.txt")
        url = f"{site.origin(token.id)}/{draw.one(_PATHS)}"
        expires = token.created_at + timedelta(days=LIFETIME_DAYS, minutes=-draw.number(0, 40_000))
        contact = options_of(token, SecurityTxtOptions).contact
        lines = [f"Contact: {contact}"] if contact else []
        lines += [f"Contact: {url}", f"Expires: {expires:%Y-%m-%dT%H:%M:00Z}"]
        lines += draw.one(([], [f"Preferred-Languages: {draw.one(('en', 'en, de', 'en, fr'))}"]))
        return [
            Artefact("file", "security.txt", written(*lines), file_name="security.txt"),
            Artefact("url", "Address of the form", url),
        ]


KIND = SecurityTxtKind()
