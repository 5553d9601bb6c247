"""The Console's state, by noun."""

from serinus.console.models.alerts import Alert, Delivery, Destination
from serinus.console.models.incidents import CarriedPart, Incident, IncidentTouch, Note
from serinus.console.models.people import APIKey, Invitation, User
from serinus.console.models.progress import ChangeCounter, ConsoleSetting, LedgerCursor
from serinus.console.models.tokens import Token, TokenFile

__all__ = [
    "APIKey",
    "Alert",
    "CarriedPart",
    "ChangeCounter",
    "ConsoleSetting",
    "Delivery",
    "Destination",
    "Incident",
    "IncidentTouch",
    "Invitation",
    "LedgerCursor",
    "Note",
    "Token",
    "TokenFile",
    "User",
]
