"""What templates may call: addresses of assets, times, and an intruder's text made harmless."""

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from serinus.base.untrusted import readable
from serinus.console.pages.assets import asset_url

register = template.Library()
register.simple_tag(asset_url, name="asset")

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


@register.filter(name="readable")
def show_readable(value: object) -> str:
    """Return any value as one line of harmless text; the template escapes it besides."""
    return readable(value if isinstance(value, (str, bytes)) else str(value))


@register.filter
def first_line(text: str) -> str:
    """Return the first line of a memo."""
    lines = text.splitlines()
    return lines[0] if lines else ""


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """Return a time as `<time>`: how long ago it was, with the exact time beside it.

    A script keeps the first part true and adds the reader's own zone.
    """
    if at is None:
        return "never"
    exact = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, say_ago(at)
    )


@register.filter
def exact_time(at: datetime | None) -> str:
    """Return the exact time in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""


def say_ago(at: datetime) -> str:
    """Return how long ago it was, in the one unit that matters."""
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    if seconds < MINUTE_S:
        return "just now"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S} min ago"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S} h ago"
    return f"{seconds // DAY_S} d ago"


@register.filter
def carried_id(number: int) -> str:
    """Return the element id of a carried value."""
    return f"carried-{number}"
