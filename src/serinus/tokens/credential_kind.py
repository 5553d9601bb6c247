"""What kinds share whose artefact is a credential: its use is told apart from a fetch."""

from serinus.base.untrusted import readable
from serinus.model.touch import Touch
from serinus.tokens.credentials import read_credentials
from serinus.tokens.describe import SUMMARY_PART_MAX
from serinus.tokens.kind import Group, Token, Trip
from serinus.tokens.plain import PlainKind


class CredentialKind(PlainKind):
    """Base of kinds that plant something to sign in with over HTTP.

    Attributes:
        service: What one signs in to, as in "The git password of 'mreyes' was used by …".
    """

    group = Group.CREDENTIAL
    service: str

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the use of a credential where one was offered, else the fetch or lookup."""
        trip = super().interpret(touch, token)
        offered = read_credentials(touch.detail) if touch.channel == "http" else []
        if trip is None or not offered:
            return trip
        used = f"The {self.service} {offered[0].what} was used"
        agent = dict(trip.facts).get("User-Agent", "")
        if not agent.startswith("Mozilla/"):
            # Of a program, its name and version; what follows may be a screenful.
            agent = agent.partition(" ")[0]
        return Trip(f"{used} by {readable(agent, SUMMARY_PART_MAX)}" if agent else used, trip.facts)
