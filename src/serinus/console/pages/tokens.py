"""Tokens: found, planted, watched, changed, switched off, deleted and taken back."""

from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from serinus.base.errors import OperatorError, StorageError
from serinus.console.actions.finding import IncidentSearch, find_incidents
from serinus.console.actions.minting import (
    MintRequest,
    change_token,
    describe_token,
    find_artefacts,
    find_snippets,
    mint,
)
from serinus.console.actions.tokens import (
    TokenState,
    delete_tokens,
    search_tokens,
    set_enabled,
    undelete_tokens,
)
from serinus.console.models import Destination, Token
from serinus.console.pages.access import person, require_GET, require_POST
from serinus.console.pages.feed import read_cursor
from serinus.console.pages.forms import (
    FormField,
    fill_in,
    general_error,
    option_fields,
    read_numbers,
    read_posted,
)
from serinus.console.pages.sentence import describe_line
from serinus.tokens.carry import Snippet, Via
from serinus.tokens.catalogue import KINDS, kind_named
from serinus.tokens.kind import MEMO_LENGTH_MAX, Group, Kind, options_schema

PAGE = 50
INCIDENTS_MAX = 20
"""Incidents shown at their token; the feed has the rest."""

STATES: tuple[tuple[TokenState | Literal[""], str], ...] = (
    ("", "All"),
    ("enabled", "Enabled"),
    ("disabled", "Disabled"),
    ("deleted", "Deleted"),
)
WAYS: tuple[tuple[Via, str], ...] = (
    ("http", "Where HTTP gets out"),
    ("dns", "Where nothing but DNS gets out"),
)
MEMO = FormField(
    "memo",
    "Memo",
    "What you plant, and where: the alert says this, at three in the morning, to whoever reads it.",
    type="lines",
    required=True,
    max=MEMO_LENGTH_MAX,
)


@require_GET
def list_tokens(request: HttpRequest) -> HttpResponse:
    """Show a page of tokens."""
    text, kind = request.GET.get("q", "")[:200], request.GET.get("kind", "")
    wanted = request.GET.get("state", "")
    state = next((known for known, _ in STATES if known and known == wanted), None)
    before = read_cursor(request.GET.get("before"))
    rows = search_tokens(text, kind or None, state, before, PAGE + 1)
    query = {"q": text, "kind": kind, "state": state or ""}
    page = {
        "tokens": rows[:PAGE],
        "text": text,
        "kind": kind,
        "kinds": KINDS,
        "state": state or "",
        "states": STATES,
        "older": urlencode({**query, "before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "is_filtered": bool(text or kind or state),
        "deleted": _deleted(request.GET.get("undo", "")),
    }
    return render(request, "tokens/list.html", page)


@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """Show the kinds, then the form of the chosen one; mint the token."""
    name = request.GET.get("kind", "")
    if not name:
        groups = [(group.value, [k for k in KINDS if k.group is group]) for group in Group]
        return render(request, "tokens/kinds.html", {"groups": groups})
    try:
        kind = kind_named(name)
    except OperatorError:
        raise Http404 from None
    if request.method != "POST":
        return _show_form(request, kind, [MEMO, *option_fields(options_schema(kind))])
    options = option_fields(options_schema(kind))
    wanted = MintRequest(
        kind.name,
        request.POST.get("memo", ""),
        read_posted(request, options),
        read_numbers(request, "destinations"),
    )
    try:
        row = mint(wanted, person(request), timezone.now())
    except OperatorError as error:
        fields = fill_in([MEMO, *options], request, error)
        return _show_form(request, kind, fields, general_error(fields, error))
    except StorageError:
        sentence = "The disk takes no writes, so nothing was minted: make room, and try again."
        return _show_form(request, kind, fill_in([MEMO, *options], request), sentence)
    return redirect("token", token_id=row.token_id)


@require_GET
def show_token(request: HttpRequest, token_id: str) -> HttpResponse:
    """Show what to plant, how to try it, and what came of it."""
    return _show_token(request, _find(token_id))


@require_POST
def edit_token(request: HttpRequest, token_id: str) -> HttpResponse:
    """Change the memo and the destinations."""
    row = _find(token_id)
    try:
        change_token(
            row,
            memo=request.POST.get("memo", ""),
            destinations=read_numbers(request, "destinations"),
        )
    except Token.DoesNotExist:
        raise Http404 from None
    except OperatorError as error:
        return _show_token(request, row, error)
    return redirect("token", token_id=token_id)


@require_POST
def switch_token(request: HttpRequest, token_id: str, action: str) -> HttpResponse:  # noqa: ARG001
    """Enable, disable, delete or take back a token."""
    row = _find(token_id)
    if action == "delete":
        delete_tokens([row.pk], timezone.now())
        return redirect(f"{reverse('tokens')}?{urlencode({'undo': token_id})}")
    if action == "undelete":
        undelete_tokens([row.pk])
    else:
        set_enabled([row.pk], action == "enable")
    return redirect("token", token_id=token_id)


@require_GET
def download_artefact(request: HttpRequest, token_id: str, name: str) -> HttpResponse:  # noqa: ARG001
    """Answer with an artefact as a file."""
    for artefact in find_artefacts(_find(token_id)):
        if artefact.name == name:
            # Never as what it is: a browser that opened it would trip it, or run it here.
            response = HttpResponse(artefact.content(), content_type="application/octet-stream")
            file_name = artefact.file_name or f"{name}.txt"
            safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in file_name)
            ascii_name = safe.encode("ascii", "replace").decode().replace("?", "_")
            response.headers["Content-Disposition"] = f'attachment; filename="{ascii_name}"'
            return response
    raise Http404


def _show_form(
    request: HttpRequest, kind: Kind, fields: list[FormField], error: str = ""
) -> HttpResponse:
    is_wrong = request.method == "POST"
    page = {
        "kind": kind,
        "memo": fields[0],
        "fields": fields[1:],
        "destinations": _destinations(read_numbers(request, "destinations")),
        "error": error,
    }
    return render(request, "tokens/new.html", page, status=422 if is_wrong else 200)


def _show_token(
    request: HttpRequest, row: Token, error: OperatorError | None = None
) -> HttpResponse:
    described, kind = describe_token(row), kind_named(row.kind)
    found = find_incidents(IncidentSearch(token_id=row.token_id), count=INCIDENTS_MAX)
    memo = replace(MEMO, value=row.memo)
    if error is not None:
        (memo,) = fill_in([memo], request, error)
    page = {
        "token": row,
        "described": described,
        "kind": kind,
        "options": [
            (known.label, described["options"].get(known.name)) for known in options_schema(kind)
        ],
        "trip": {name: command for name, command in described["trip"].items() if command},
        "carry": _group_snippets(row),
        "lines": [describe_line(incident) for incident in found],
        "memo": memo,
        "error": general_error([memo], error) if error else "",
        "destinations": _destinations(described["destinations"]),
    }
    return render(request, "tokens/token.html", page, status=422 if error else 200)


def _group_snippets(row: Token) -> list[tuple[str, list[Snippet]]]:
    snippets = find_snippets(row)
    return [(title, [s for s in snippets if s.via == via]) for via, title in WAYS]


def _destinations(chosen: list[int]) -> list[dict[str, Any]]:
    rows = Destination.objects.order_by("name")
    return [{"row": row, "is_chosen": row.pk in chosen} for row in rows]


def _deleted(token_id: str) -> Token | None:
    """Return the token that was deleted just now, so that it can be taken back."""
    return Token.objects.filter(token_id=token_id, deleted_at__isnull=False).first()


def _find(token_id: str) -> Token:
    row = Token.objects.filter(token_id=token_id).first()
    if row is None:
        raise Http404
    return row
