"""The deployment itself: preferences, ACME challenges, and how it is."""

from dataclasses import asdict, fields
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field, create_model

from serinus.console.actions import preferences
from serinus.console.actions.challenges import VALUES_MAX, set_challenge
from serinus.console.actions.health import describe_health
from serinus.console.api.gate import APIRequest, owner_only
from serinus.console.api.schemas import Given

router = Router(tags=["deployment"])


def _preference_fields(required: bool) -> dict[str, Any]:
    """Return pydantic's fields for the declared preferences, with their words and bounds."""
    found = {}
    for declared in fields(preferences.Preferences):
        about = declared.metadata
        described = Field(
            ... if required else None,
            ge=about["min"],
            le=about["max"],
            title=about["label"],
            description=f"{about['help']} In {about['unit']}.",
        )
        found[declared.name] = (int if required else int | None, described)
    return found


Preferences = create_model(
    "Preferences",
    __base__=Schema,
    __doc__="What owners change while the programs run.",
    **_preference_fields(required=True),
)
PreferencesChange = create_model(
    "PreferencesChange",
    __base__=Given,
    __doc__="What shall be otherwise; what is not given stays.",
    **_preference_fields(required=False),
)


class ChallengeValues(Given):
    """TXT values of a name; none at all removes it."""

    values: Annotated[list[str], Field(max_length=VALUES_MAX)]


class Challenge(Schema):
    """A name and the TXT values that it is answered with."""

    name: str
    values: list[str]


class Process(Schema):
    """A process as its supervisor last wrote of it, and whether it is there now."""

    running: bool
    pid: int | None
    started_at: str | None
    restarts: int
    last_end: str | None


class Ledger(Schema):
    """Sizes in bytes; `newest` is null where the ledger cannot be read."""

    size: int
    size_max: int
    newest: int | None
    read: int
    waiting: int | None


class Disk(Schema):
    """Bytes of the disk that holds the data folder."""

    free: int
    size: int


class Database(Schema):
    """Bytes of the database with its journal."""

    size: int


class Outbox(Schema):
    """Deliveries that are under way, and those that were given up."""

    waiting: int
    dead: int


class Certificate(Schema):
    """What the HTTPS certificate says."""

    names: list[str]
    ends_at: str


class Health(Schema):
    """How the deployment is, with a sentence for each thing that needs a person."""

    status: Literal["ok", "degraded"]
    faults: list[str]
    version: str
    time: str
    processes: dict[str, Process] | None
    ledger: Ledger
    disk: Disk
    database: Database
    deliveries: Outbox
    certificate: Certificate | None


@router.get("/preferences", response=Preferences, operation_id="show_preferences")
def show_preferences(request: APIRequest) -> dict[str, Any]:
    """Show how touches are gathered, and how long they stay."""
    return asdict(preferences.read_preferences())


@router.patch(
    "/preferences", response=Preferences, auth=owner_only, operation_id="change_preferences"
)
def patch_preferences(request: APIRequest, given: PreferencesChange) -> dict[str, Any]:  # type: ignore[valid-type]
    """Change what is given."""
    values = given.model_dump(exclude_none=True)  # type: ignore[attr-defined]
    return asdict(preferences.change_preferences(values, request.caller.who))


@router.put("/challenges/{name}", response=Challenge, auth=owner_only, operation_id="set_challenge")
def put_challenge(request: APIRequest, name: str, given: ChallengeValues) -> dict[str, Any]:
    """Set the TXT values of a name under `_acme-challenge`, for certificates."""
    return {"name": set_challenge(name, given.values), "values": given.values}


@router.get("/health", response=Health, operation_id="show_health")
def show_health(request: APIRequest) -> dict[str, Any]:
    """Show how the deployment is."""
    return describe_health(timezone.now())
