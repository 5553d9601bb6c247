"""Destinations, the alerts that go there, and the outbox between the two."""

from django.db import models


class Destination(models.Model):
    """Where alerts go; `settings` may hold secrets and is never shown whole.

    Attributes:
        failures: Attempts failed since the last success.
        last_outcome: One sentence, as the other side said it.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    settings = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    last_outcome = models.TextField(default="")
    last_at = models.DateTimeField(null=True)


class Alert(models.Model):
    """A message about an incident, or, without one, about ourselves.

    Attributes:
        reason: "opened", "digest", or an alarm's name.
        number: Tells alerts of one reason apart; of a digest, the touches told of so far.
        body: What it says, as of its writing.
    """

    incident = models.ForeignKey(
        "console.Incident",
        on_delete=models.CASCADE,
        null=True,
        related_name="alerts",
        db_index=False,
    )
    reason = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    body = models.JSONField(default=dict)

    class Meta:
        """The same thing is never told twice."""

        constraints = [
            models.UniqueConstraint(fields=["incident", "reason", "number"], name="alert_once")
        ]


class DeliveryState(models.TextChoices):
    """Where a delivery stands; a dead one waits for a person to send it again."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Delivery(models.Model):
    """One alert on its way to one destination."""

    alert = models.ForeignKey(
        Alert, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, db_index=False)
    state = models.CharField(
        max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.TextField(default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """Once per alert and destination; what is due is found by index."""

        constraints = [
            models.UniqueConstraint(fields=["alert", "destination"], name="delivery_once")
        ]
        indexes = [
            models.Index(fields=["destination", "state", "next_at"], name="delivery_due"),
            models.Index(fields=["destination", "id"], name="delivery_log"),
        ]
