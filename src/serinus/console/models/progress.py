"""How far the worker has read, the number of the last change, and settings that people change."""

from django.db import models


class LedgerCursor(models.Model):
    """The last ledger row of an edge whose outcome is in this database.

    Attributes:
        touch_id: The touch of that row, so that another ledger in its place is noticed.
    """

    edge = models.CharField(max_length=100, unique=True)
    seq = models.BigIntegerField(default=0)
    touch_id = models.CharField(max_length=64, default="")


class ChangeCounter(models.Model):
    """One row; whoever changes incidents locks it, so that numbers appear in their order."""

    value = models.PositiveBigIntegerField(default=0)


class ConsoleSetting(models.Model):
    """A setting that people change while the programs run."""

    name = models.CharField(max_length=100, unique=True)
    value = models.JSONField()
