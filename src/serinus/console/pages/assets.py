"""Scripts, styles and pictures: few, small, ours or vendored, served from memory.

`/static/NAME?v=DIGEST` may be kept for good, because another content has another address.

| file | origin |
|---|---|
| htmx.min.js | npm htmx.org 2.0.11, Zero-Clause BSD |
| world.svg | drawn by tools/draw_world.py from Natural Earth, public domain |
| account/js, mfa/js | django-allauth (MIT), from its package |
| the rest | ours |
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import allauth
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

OURS = Path(__file__).parent / "static"
ALLAUTH = Path(allauth.__file__).parent
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
DIGEST_LENGTH = 12
"""Hexadecimal characters: chance does not meet twice among a dozen files."""
FOR_GOOD = "private, max-age=31536000, immutable"
FOR_AN_HOUR = "private, max-age=3600"

PATHS = MappingProxyType(
    {
        **{
            name: OURS / name
            for name in ("console.css", "console.js", "htmx.min.js", "icon.svg", "world.svg")
        },
        "account/js/onload.js": ALLAUTH / "account/static/account/js/onload.js",
        "mfa/js/recovery_codes.js": ALLAUTH / "mfa/static/mfa/js/recovery_codes.js",
        "mfa/js/webauthn-json.js": ALLAUTH / "mfa/static/mfa/js/webauthn-json.js",
        "mfa/js/webauthn.js": ALLAUTH / "mfa/static/mfa/js/webauthn.js",
    }
)
"""Every file there is; no path of a request ever meets the disk."""

OPEN = frozenset({"console.css", "icon.svg"}) | {name for name in PATHS if "/" in name}
"""What the ways in need, a second factor included; to strangers there are no others."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    content: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=32)
def read_asset(name: str) -> Asset:
    """Return the file of this name; raises KeyError where there is none."""
    path = PATHS[name]
    content = path.read_bytes()
    digest = sha256(content).hexdigest()[:DIGEST_LENGTH]
    return Asset(content, f"{MEDIA_TYPES[path.suffix]}; charset=utf-8", digest)


def asset_url(name: str) -> str:
    """Return the address of a file's present content."""
    return f"{settings.STATIC_URL}{name}?v={read_asset(name).digest}"


@login_not_required
@require_GET
def serve_asset(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a file."""
    if name not in OPEN and not request.user.is_authenticated:
        raise Http404
    try:
        found = read_asset(name)
    except KeyError:
        raise Http404 from None
    current = request.GET.get("v") == found.digest
    response = HttpResponse(found.content, content_type=found.media_type)
    response.headers["Cache-Control"] = FOR_GOOD if current else FOR_AN_HOUR
    return response
