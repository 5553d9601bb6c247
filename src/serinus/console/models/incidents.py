"""Incidents, the touches beneath them, and people's notes.

Touches are evidence: rows are added and never changed. The full-text index over an incident's
`memo`, `source` and `headline` is made by a migration where the database is SQLite.
"""

from django.db import models

from serinus.console.models.people import User
from serinus.console.models.tokens import Token
from serinus.tokens.kind import MEMO_LENGTH_MAX

ALARM = "alarm"
"""The kind of an incident without a token: an alarm about ourselves."""
ADDRESS_LENGTH_MAX = 64
"""An IPv6 address with a zone fits."""


class State(models.TextChoices):
    """How far people are with an incident."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Incident(models.Model):
    """Trips of one source at one token within a window; without a token, an alarm of our own.

    Attributes:
        resolver: The address that asked DNS on behalf of `source`, or "".
        place, resolver_place: `TOKEN-PK ADDRESS`, the keys by which a touch finds its incident.
        day: The day of `last_seen` as `actions.days` counts it; None at an alarm.
        channels: The channels touched, sorted, with commas between.
        changed: Grows with every change over all incidents; feeds read on from the last they saw.
        told_touches: How many of `touches` an alert has told of, or need not tell of.
        digest_at: When the rest shall be told; None when there is no rest.
    """

    token = models.ForeignKey(Token, on_delete=models.PROTECT, null=True, db_index=False)
    kind = models.CharField(max_length=40)
    memo = models.CharField(max_length=MEMO_LENGTH_MAX)
    source = models.CharField(max_length=ADDRESS_LENGTH_MAX)
    source_port = models.PositiveIntegerField(default=0)
    source_facts = models.JSONField(default=dict)
    resolver = models.CharField(max_length=ADDRESS_LENGTH_MAX, default="")
    place = models.CharField(max_length=ADDRESS_LENGTH_MAX + 21, default="")
    resolver_place = models.CharField(max_length=ADDRESS_LENGTH_MAX + 21, default="")
    channels = models.CharField(max_length=40, default="")
    headline = models.TextField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    day = models.IntegerField(null=True)
    touches = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    changed = models.PositiveBigIntegerField(unique=True)
    told_touches = models.PositiveBigIntegerField(default=0)
    digest_at = models.DateTimeField(null=True)

    class Meta:
        """Every step of the worker and every page finds its rows by one of these.

        Each is written near its end, or near the end of a few runs, so that the millionth incident
        costs what the first one did.
        """

        indexes = [
            models.Index(fields=["day", "place", "last_seen"], name="incident_day_place"),
            models.Index(
                fields=["day", "resolver_place", "last_seen"],
                name="incident_day_resolver",
                condition=~models.Q(resolver_place=""),
            ),
            models.Index(fields=["day", "token", "last_seen"], name="incident_day_token"),
            models.Index(fields=["day", "source", "last_seen"], name="incident_day_source"),
            models.Index(fields=["state", "id"], name="incident_state"),
            models.Index(fields=["kind", "id"], name="incident_kind"),
            models.Index(
                fields=["digest_at"],
                name="incident_digest",
                condition=models.Q(digest_at__isnull=False),
            ),
        ]


class IncidentTouch(models.Model):
    """One touch of one token, beneath its incident.

    Attributes:
        facts: List of [name, value], as the token's kind read the touch.
        evidence: `transport`, `source_port` and the raw `detail` of the touch.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="evidence", db_index=False
    )
    touch_id = models.CharField(max_length=64)
    token = models.ForeignKey(Token, on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField()
    channel = models.CharField(max_length=16)
    source = models.CharField(max_length=ADDRESS_LENGTH_MAX)
    summary = models.TextField()
    facts = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)

    class Meta:
        """A touch counts once for each token that it holds, however often it is read."""

        constraints = [
            models.UniqueConstraint(fields=["touch_id", "token"], name="touch_once_per_token")
        ]
        indexes = [models.Index(fields=["incident", "id"], name="touch_incident")]


class CarriedPart(models.Model):
    """One part of a message that lookups carried; what a part says is never changed.

    Attributes:
        message: The message's name, as `tokens.carried.lookup.Part` has it.
        text: What the part carries, still encoded.
        at: When it came first.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    token = models.ForeignKey(Token, on_delete=models.PROTECT, db_index=False)
    message = models.CharField(max_length=32)
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """A part counts once for its incident, however often it is asked for."""

        constraints = [
            models.UniqueConstraint(fields=["incident", "message", "number"], name="part_once")
        ]
        indexes = [models.Index(fields=["token", "message"], name="part_message")]


class Note(models.Model):
    """What a person wrote at an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()
    text = models.TextField()
