"""Every destination, by name; a test holds this list to the folder."""

from serinus.alerts.destination import Destination
from serinus.alerts.destinations.apprise import APPRISE
from serinus.alerts.destinations.email import EMAIL
from serinus.alerts.destinations.webhook import WEBHOOK

DESTINATIONS: dict[str, Destination] = {
    destination.name: destination for destination in (EMAIL, WEBHOOK, APPRISE)
}
