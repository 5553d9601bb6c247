"""The Console as Django knows it."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The one Django application of ours."""

    name = "serinus.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
