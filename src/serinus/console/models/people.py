"""Who may enter: people, the links that invite them, and the keys of API clients."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a person may do; an owner may also manage people and settings."""

    OWNER = "owner"
    COLLEAGUE = "colleague"


class User(AbstractUser):
    """A person with an account."""

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.COLLEAGUE)


class Invitation(models.Model):
    """A one-time link to an account; the first one, printed by `up`, is for the owner.

    Only the SHA-256 of the link's secret is kept, in hexadecimal.
    """

    hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class APIKey(models.Model):
    """A bearer key of an API client; only the SHA-256 of the key is kept, in hexadecimal."""

    name = models.CharField(max_length=200)
    hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
