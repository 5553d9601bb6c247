"""Tokens and their kinds: minted, found, changed, deleted, taken back; and what to plant."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from ninja import Query, Router, Schema, Status
from pydantic import Field

from serinus.console.actions.minting import (
    MintRequest,
    change_token,
    describe_token,
    find_artefacts,
    find_snippets,
    mint,
    mint_many,
)
from serinus.console.actions.tokens import delete_tokens, search_tokens, undelete_tokens
from serinus.console.api.gate import APIRequest
from serinus.console.api.problems import RequestError
from serinus.console.api.schemas import (
    PAGE_DEFAULT,
    Cursor,
    Given,
    Id,
    Limit,
    Text,
    make_page,
    read_cursor,
)
from serinus.console.models import Token as TokenRow
from serinus.tokens.carry import describe_snippet
from serinus.tokens.catalogue import KINDS
from serinus.tokens.kind import describe_kind

BULK_MAX = 1000
"""Tokens of one request: some 2 MB of answer, and less than a second of the database's time."""
DESTINATIONS_MAX = 1000
"""Destinations of one token: no more can exist."""

router = Router(tags=["tokens"])

Destinations = Annotated[list[Id], Field(max_length=DESTINATIONS_MAX)]


class KindOption(Schema):
    """One option of a kind; a file is sent as Base64 text."""

    name: str
    label: str
    help: str
    type: Literal["text", "file", "yes_no", "number"]
    default: str | int | bool | None
    required: bool
    choices: list[str]
    max: int | None
    secret: bool
    lines: bool


class Kind(Schema):
    """What a token can be built as."""

    name: str
    title: str
    summary: str
    group: str
    planting: list[str]
    proof: Literal["proven", "unverified"]
    clients: list[str]
    options: list[KindOption]


class Kinds(Schema):
    """Every kind, in the order in which people are offered them."""

    items: list[Kind]


class NewToken(Given):
    """A token to mint; without destinations it alerts to all."""

    kind: str
    memo: str
    options: dict[str, Any] = {}
    destinations: Destinations | None = None


class NewTokens(Given):
    """Tokens to mint, all or none."""

    tokens: Annotated[list[NewToken], Field(min_length=1, max_length=BULK_MAX)]


class TokenChange(Given):
    """What shall be otherwise; what is not given stays. No destinations at all means all."""

    memo: str | None = None
    enabled: bool | None = None
    destinations: Destinations | None = None


class Artefact(Schema):
    """Something to plant; `value` is null where it is a file to download."""

    name: str
    label: str
    value: str | None
    media_type: str
    file_name: str | None
    download: str


class Token(Schema):
    """A minted token; secrets among its options are masked."""

    id: str
    kind: str
    memo: str
    url: str
    hostname: str
    enabled: bool
    deleted: bool
    created_at: str
    options: dict[str, Any]
    artefacts: list[Artefact]
    touches: int
    last_seen: str | None
    destinations: list[int]
    page: str
    trip: dict[str, str]


class Snippet(Schema):
    """Lines for a script that carry a text with a touch, over HTTP or over DNS alone."""

    name: str
    via: Literal["http", "dns"]
    language: Literal["sh", "bash", "PowerShell", "cmd"]
    text: str
    proof: Literal["proven", "unverified"]


class Snippets(Schema):
    """Snippets, one for each program and way."""

    items: list[Snippet]


class Tokens(Schema):
    """Tokens in the order in which they were asked for."""

    items: list[Token]


class TokenPage(Tokens):
    """A page of tokens, newest first."""

    next: str | None


@router.get("/kinds", response=Kinds, operation_id="list_kinds")
def list_kinds(request: APIRequest) -> dict[str, Any]:
    """List what a token can be built as, with its options."""
    return {"items": [describe_kind(kind) for kind in KINDS]}


@router.get("/tokens", response=TokenPage, operation_id="list_tokens")
def list_tokens(
    request: APIRequest,
    text: Text = "",
    kind: Annotated[str | None, Query(max_length=40)] = None,
    state: Literal["enabled", "disabled", "deleted"] | None = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> dict[str, Any]:
    """List tokens, newest first. Deleted ones are listed only where asked for."""
    rows = search_tokens(text, kind, state, read_cursor(cursor), limit + 1)
    prefetch_related_objects(rows, "destinations")
    return make_page(rows, limit, describe_token, lambda row: row.pk)


@router.post("/tokens", response={HTTPStatus.CREATED: Token}, operation_id="mint_token")
def mint_token(request: APIRequest, given: NewToken) -> Status[dict[str, Any]]:
    """Mint a token. It answers from now on."""
    row = mint(_wanted(given), request.caller.who, timezone.now())
    return Status(HTTPStatus.CREATED, describe_token(row))


@router.post("/tokens/bulk", response={HTTPStatus.CREATED: Tokens}, operation_id="mint_tokens")
def mint_tokens(request: APIRequest, given: NewTokens) -> Status[dict[str, Any]]:
    """Mint up to 1000 tokens, all or none."""
    rows = mint_many([_wanted(new) for new in given.tokens], request.caller.who, timezone.now())
    prefetch_related_objects(rows, "destinations")
    return Status(HTTPStatus.CREATED, {"items": [describe_token(row) for row in rows]})


@router.get("/tokens/{token_id}", response=Token, operation_id="show_token")
def show_token(request: APIRequest, token_id: str) -> dict[str, Any]:
    """Show a token, deleted or not."""
    return describe_token(_find(token_id))


@router.patch("/tokens/{token_id}", response=Token, operation_id="change_token")
def patch_token(request: APIRequest, token_id: str, given: TokenChange) -> dict[str, Any]:
    """Change what is given. A disabled token still answers, and alerts nobody."""
    row = _find(token_id)
    try:
        return describe_token(change_token(row, given.memo, given.enabled, given.destinations))
    except TokenRow.DoesNotExist:
        raise RequestError(
            HTTPStatus.CONFLICT, "This token is deleted: take it back first, with undelete."
        ) from None


@router.delete("/tokens/{token_id}", response=Token, operation_id="delete_token")
def delete_token(request: APIRequest, token_id: str) -> dict[str, Any]:
    """Delete a token so that it can be taken back. It still answers, and alerts nobody."""
    delete_tokens([_find(token_id).pk], timezone.now())
    return describe_token(_find(token_id))


@router.post("/tokens/{token_id}/undelete", response=Token, operation_id="undelete_token")
def undelete_token(request: APIRequest, token_id: str) -> dict[str, Any]:
    """Take a deleted token back, as it was."""
    undelete_tokens([_find(token_id).pk])
    return describe_token(_find(token_id))


@router.get("/tokens/{token_id}/carry", response=Snippets, operation_id="carry_with_token")
def carry_with_token(request: APIRequest, token_id: str) -> dict[str, Any]:
    """List snippets by which a script says something with a touch of the token."""
    return {"items": [describe_snippet(snippet) for snippet in find_snippets(_find(token_id))]}


@router.get("/tokens/{token_id}/artefacts/{name}", operation_id="download_artefact")
def download_artefact(request: APIRequest, token_id: str, name: str) -> HttpResponse:
    """Download one of the things to plant."""
    for artefact in find_artefacts(_find(token_id)):
        if artefact.name == name:
            is_text = artefact.media_type.startswith("text/")
            media_type = artefact.media_type + ("; charset=utf-8" if is_text else "")
            file_name = artefact.file_name or f"{name}.txt"
            response = HttpResponse(artefact.content(), media_type)
            response.headers["Content-Disposition"] = content_disposition_header(True, file_name)
            return response
    raise Http404


def _wanted(given: NewToken) -> MintRequest:
    return MintRequest(given.kind, given.memo, given.options, given.destinations)


def _find(token_id: str) -> TokenRow:
    return TokenRow.objects.get(token_id=token_id.lower())
