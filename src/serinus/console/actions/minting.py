"""Tokens from a request to what a person plants.

Rules:
- What a token answers is in the snapshot before the token is handed out, and stays there for good:
  disabling and deleting a token change nothing on the wire (ADR 3).
- A file of the operator's lies beside its token; `options` holds its size in its place. It is read
  for what is downloaded or answered, never for a list: no name, label or text depends on its bytes.
"""

import logging
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from serinus.base.clock import monotonic_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.base.settings import Settings, read_listen
from serinus.console.actions.texts import check_text
from serinus.console.actions.tokens import NewFile, NewToken, mint_tokens
from serinus.console.deployment import Deployment, load_deployment
from serinus.console.models import Destination, Token, User
from serinus.model.answer import Answer
from serinus.tokens import kind as kinds
from serinus.tokens.carry import Snippet, write_snippets
from serinus.tokens.catalogue import KINDS, kind_named
from serinus.tokens.kind import (
    MEMO_LENGTH_MAX,
    Artefact,
    options_schema,
    read_options,
    write_options,
)
from serinus.tokens.site import Site

MASK = "••••"
"""What is shown in the place of a secret."""
REPUBLISH_BATCH = 500
"""Tokens whose answers are written in one transaction."""
REPUBLISH_SIZE = 16 * 1024 * 1024
"""Bytes of bodies after which a transaction is written early; they share the memory."""
FILE_STAND_IN = b"-"
FILE_MEDIA_TYPE = "application/octet-stream"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MintRequest:
    """A token that somebody wants; without destinations it alerts to all."""

    kind: str
    memo: str
    options: Mapping[str, Any] = field(default_factory=dict)
    destinations: Sequence[int] | None = None


def mint(request: MintRequest, who: User | None, now: datetime) -> Token:
    """Mint one token; raises as `mint_many`, and names the field as the request does."""
    (row,) = _mint([_draft(request, load_deployment(), now)], [request], who, now)
    return row


def mint_many(requests: Sequence[MintRequest], who: User | None, now: datetime) -> list[Token]:
    """Mint all or none.

    Raises:
        OperatorError: Names the field that is wrong, as `tokens.NUMBER.FIELD`.
        StorageError: The answers cannot be written; nothing was minted.
    """
    deployment = load_deployment()
    drafts = []
    for number, request in enumerate(requests):
        try:
            drafts.append(_draft(request, deployment, now))
        except OperatorError as error:
            where = f"tokens.{number}.{error.field}" if error.field else f"tokens.{number}"
            raise OperatorError(error.sentence, where) from error
    return _mint(drafts, requests, who, now)


def read_token(row: Token, with_file: bool = True) -> kinds.Token:
    """Return the token as its kind reads it; raises OperatorError where it is not readable.

    Without its file, one byte stands in its place: enough to interpret a touch and to describe the
    token, neither of which depends on what it gives.
    """
    values = dict(row.options)
    for name, value in row.options.items():
        if isinstance(value, dict):
            values[name] = bytes(row.file.content) if with_file else FILE_STAND_IN
    options = read_options(kind_named(row.kind), values)
    return kinds.Token(TokenId(row.token_id), row.kind, row.memo, options, row.created_at)


def find_artefacts(row: Token) -> list[Artefact]:
    """Return what to plant."""
    return kind_named(row.kind).artefacts(read_token(row), load_deployment().site)


def find_snippets(row: Token) -> list[Snippet]:
    """Return what lets a script say something with a touch."""
    url = describe_token(row)["url"]
    return write_snippets(load_deployment().site, TokenId(row.token_id), url)


def describe_token(row: Token) -> dict[str, Any]:
    """Return the token for people and API clients, as JSON values; secrets are masked.

    A token whose options its kind no longer reads is shown without artefacts, so that one row does
    not hide all the others.
    """
    deployment = load_deployment()
    token_id = TokenId(row.token_id)
    try:
        token = read_token(row, with_file=False)
        artefacts = kind_named(row.kind).artefacts(token, deployment.site)
    except OperatorError as error:
        log.warning("token %s cannot be read: %s", row.pk, error)
        artefacts = []
    url = next((str(a.value) for a in artefacts if a.name == "url"), "")
    hostname = deployment.site.hostname(token_id)
    page = f"{deployment.settings.console_base}/tokens/{token_id}"
    return {
        "id": row.token_id,
        "kind": row.kind,
        "memo": row.memo,
        "url": url,
        "hostname": hostname,
        "enabled": row.enabled,
        "deleted": row.deleted_at is not None,
        "created_at": show_time(row.created_at),
        "options": _show_options(row),
        "artefacts": [_describe_artefact(a, token_id) for a in artefacts],
        "touches": row.touches,
        "last_seen": show_time(row.last_seen_at),
        "destinations": sorted(d.pk for d in row.destinations.all()),
        "page": page,
        "trip": trip_commands(deployment.settings, url, hostname),
    }


def change_token(
    row: Token,
    memo: str | None = None,
    enabled: bool | None = None,
    destinations: Sequence[int] | None = None,
) -> Token:
    """Change what is given and nothing else; without destinations it alerts to all.

    Raises:
        OperatorError: Names the field that is wrong.
        Token.DoesNotExist: It is deleted.
    """
    if memo is not None:
        memo = check_text(memo, "memo", MEMO_LENGTH_MAX, lines=True)
    with transaction.atomic():
        fresh = Token.objects.select_for_update().get(pk=row.pk, deleted_at__isnull=True)
        if destinations is not None:
            check_destinations(set(destinations))
            fresh.destinations.set(destinations)
        fresh.memo = fresh.memo if memo is None else memo
        fresh.enabled = fresh.enabled if enabled is None else enabled
        fresh.save(update_fields=["memo", "enabled"])
    return fresh


def republish_answers(share: float = 1.0) -> int:
    """Write the answer of every token there is into the snapshot, and count them.

    Answers of tokens that are not in the database stay: what was once said is not unsaid, and a
    token that is being minted meanwhile loses nothing. A token that cannot be read is left out.

    Args:
        share: Of a core's time that this may take, so that people's requests come first.
    """
    deployment = load_deployment()
    count, size, batch = 0, 0, dict[TokenId, Answer]()
    begun_at = monotonic_time()
    rows = Token.objects.order_by("pk").iterator(chunk_size=REPUBLISH_BATCH)
    for number, row in enumerate(rows, 1):
        if number % REPUBLISH_BATCH == 0:
            sleep((monotonic_time() - begun_at) * (1 / share - 1))
            begun_at = monotonic_time()
        try:
            token = read_token(row)
        except OperatorError as error:
            log.warning("token %s cannot be read: %s", row.pk, error)
            continue
        answer = _compile(token, deployment.site)
        if answer is not None:
            batch[token.id] = answer
            size += len(answer.body)
        if len(batch) == REPUBLISH_BATCH or size > REPUBLISH_SIZE:
            deployment.answers.put_many(batch)
            count, size, batch = count + len(batch), 0, {}
    if batch:
        deployment.answers.put_many(batch)
    return count + len(batch)


def show_time(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def trip_commands(settings: Settings, url: str, hostname: str) -> dict[str, str]:
    """Return commands that trip the token from this host, also while no zone is delegated to us.

    Without a listener for it a command is "".
    """
    dig = ""
    if settings.dns:
        address, port = _reach(settings.dns[0])
        dig = f"dig @{address.strip('[]')} -p {port} {hostname}"
    scheme = urlsplit(url).scheme
    listens = settings.http if scheme == "http" else settings.https
    if not url or not listens:
        return {"curl": shlex.join(["curl", "-i", url]) if url else "", "dig": dig}
    address, port = _reach(listens[0])
    trust = ["-k"] if scheme == "https" and not settings.certificate else []
    curl = shlex.join(["curl", "-i", *trust, "--connect-to", f"::{address}:{port}", url])
    return {"curl": curl, "dig": dig}


def check_destinations(wanted: set[int]) -> None:
    """Raise OperatorError that names the first destination which is not there."""
    if not wanted:
        return
    found = set(Destination.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    for missing in sorted(wanted - found):
        raise OperatorError(
            f"There is no destination {missing}; list them to see their numbers.", "destinations"
        )


def _reach(listen: str) -> tuple[str, int]:
    """Return how this host itself reaches what listens there."""
    found = read_listen(listen, "listen")
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(found.address, found.address)
    return (f"[{address}]" if ":" in address else address), found.port


def _draft(request: MintRequest, deployment: Deployment, now: datetime) -> kinds.Token:
    kind = kind_named(request.kind)
    memo = check_text(request.memo, "memo", MEMO_LENGTH_MAX, lines=True)
    options = read_options(kind, request.options)
    token = kinds.Token(deployment.keys.mint(system_entropy), kind.name, memo, options, now)
    if next(_files(options), None):
        # What cannot be made of somebody's file is refused now, and not when it is wanted.
        for artefact in kind.artefacts(token, deployment.site):
            artefact.content()
    return token


def _mint(
    drafts: Sequence[kinds.Token],
    requests: Sequence[MintRequest],
    who: User | None,
    now: datetime,
) -> list[Token]:
    check_destinations({d for r in requests for d in r.destinations or ()})
    deployment = load_deployment()
    compiled = ((token.id, _compile(token, deployment.site)) for token in drafts)
    answers = {token_id: answer for token_id, answer in compiled if answer is not None}
    if answers:
        # First, and apart from the database's lock: an answer whose token was not kept is one of
        # an id that nobody was told.
        deployment.answers.put_many(answers)
    new = [
        replace(_new_token(token), destinations=tuple(request.destinations or ()))
        for token, request in zip(drafts, requests, strict=True)
    ]
    try:
        return mint_tokens(new, who, now)
    except IntegrityError as error:
        raise OperatorError(
            "A destination was removed meanwhile; choose again.", "destinations"
        ) from error


def _new_token(token: kinds.Token) -> NewToken:
    values: dict[str, Any] = write_options(token.options)
    file = None
    for name, content in _files(token.options):
        values[name] = {"size": len(content)}
        file = NewFile(name, FILE_MEDIA_TYPE, content)
    return NewToken(token.id, token.kind, token.memo, values, file=file)


def _files(options: kinds.Options) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the options, if there is one; a second stays Base64 among them."""
    for declared in fields(options):
        value = getattr(options, declared.name)
        if isinstance(value, bytes) and value:
            yield declared.name, value
            return


def _compile(token: kinds.Token, site: Site) -> Answer | None:
    return kind_named(token.kind).answer(token, site)


def _show_options(row: Token) -> dict[str, Any]:
    """Mask secrets; of a kind that there is no longer, everything may be one."""
    if row.kind not in {kind.name for kind in KINDS}:
        return dict.fromkeys(row.options, MASK)
    secret = {known.name for known in options_schema(kind_named(row.kind)) if known.secret}
    return {
        name: MASK if name in secret and value else value for name, value in row.options.items()
    }


def _describe_artefact(artefact: Artefact, token_id: TokenId) -> dict[str, Any]:
    is_text = isinstance(artefact.value, str)
    return {
        "name": artefact.name,
        "label": artefact.label,
        "value": artefact.value if is_text else None,
        "media_type": artefact.media_type,
        "file_name": artefact.file_name,
        "download": f"/api/tokens/{token_id}/artefacts/{artefact.name}",
    }
