"""Tokens: what was planted, where, and what it answers.

The full-text index over `token_id` and `memo` is made by a migration where the database is SQLite.
"""

from django.db import models
from django.db.models import Q

from serinus.console.models.alerts import Destination
from serinus.console.models.people import User
from serinus.tokens.kind import MEMO_LENGTH_MAX


class Token(models.Model):
    """A planted token.

    Deleting is soft: evidence keeps its token, and a person can take it back. Without chosen
    destinations, alerts go to every enabled one.
    """

    token_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=40)
    memo = models.CharField(max_length=MEMO_LENGTH_MAX)
    options = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    deleted_at = models.DateTimeField(null=True)
    touches = models.PositiveBigIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)
    destinations = models.ManyToManyField(Destination)

    class Meta:
        """Lists are read by newest primary key; the rare states have an index of their own."""

        indexes = [
            models.Index(fields=["kind", "id"], name="token_kind"),
            models.Index(
                fields=["id"], name="token_deleted", condition=Q(deleted_at__isnull=False)
            ),
            models.Index(fields=["id"], name="token_disabled", condition=Q(enabled=False)),
        ]


class TokenFile(models.Model):
    """The bytes that a token answers with, apart from the token so that lists stay light."""

    token = models.OneToOneField(Token, on_delete=models.CASCADE, related_name="file")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=255)
    content = models.BinaryField()
