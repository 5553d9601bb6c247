"""Who may enter: the owner's one-time link, invitations, and the keys of API clients.

Rules:
- Links and keys are 256 random bits, shown once; only their SHA-256 is kept.
- The operator key in the data folder stands for an owner, and needs no account.
"""

import logging
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from serinus.base.errors import OperatorError
from serinus.console.actions.texts import check_text
from serinus.console.deployment import load_deployment
from serinus.console.models import APIKey, Invitation, User
from serinus.console.models.people import Role

LINK_LIFE = timedelta(hours=24)
"""Long enough to be opened tomorrow, short enough not to lie in a mailbox for years."""
SECRET_SIZE = 32
"""Bytes of chance in a link or key: nobody guesses it, so a fast hash is enough."""
KEY_PREFIX = "serinus_"
"""Lets scanners of source code know a leaked key."""
KEYS_MAX = 1000
PASSWORD_LENGTH_MAX = 1024
"""Characters that are hashed; more only costs time."""
NAME_LENGTH_MAX = 200
SECRET_LENGTH_MAX = 200
"""Characters of a secret that is looked at; ours have about 50."""
USE_NOTED = timedelta(minutes=1)
"""A key's last use is known to the minute, so that a busy client costs no write per request."""

log = logging.getLogger(__name__)


def has_owner() -> bool:
    """Tell whether anybody may manage this Console."""
    return User.objects.filter(role=Role.OWNER, is_active=True).exists()


def make_setup_link(now: datetime) -> str:
    """Return the secret of the link by which the first owner enters; older links end.

    Raises:
        OperatorError: There is an owner already.
    """
    with transaction.atomic():
        _refuse_second_setup()
        Invitation.objects.filter(used_at=None).delete()
        return _make_invitation(Role.OWNER, now)


def invite(role: str, who: User | None, now: datetime) -> str:
    """Return the secret of a link by which one person enters with this role, within a day."""
    if role not in Role.values:
        raise OperatorError(f"Role is one of {', '.join(Role.values)}.", "role")
    with transaction.atomic():
        Invitation.objects.filter(used_at=None, expires_at__lte=now).delete()
        secret = _make_invitation(role, now)
    _log(f"a {role} was invited", who)
    return secret


def find_invitation(token: str, now: datetime) -> Invitation:
    """Return the invitation of a link; raises OperatorError when it is used, old or unknown."""
    found = Invitation.objects.filter(hash=_hash(token), used_at=None, expires_at__gt=now).first()
    if found is None:
        raise OperatorError(
            "This link was used, replaced, or is older than a day: ask for a new one.", "token"
        )
    return found


def accept_invitation(token: str, username: str, password: str, now: datetime) -> User:
    """Make the account that the link is for; the link ends.

    Raises:
        OperatorError: Names the field that is wrong; the link stays good.
    """
    invitation = find_invitation(token, now)
    user = User(username=_check_username(username), role=invitation.role)
    _check_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        # Again, now that nobody else can take it.
        taken = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now)
        if not taken:
            raise OperatorError("This link was used just now: ask for a new one.", "token")
        if User.objects.filter(username__iexact=user.username).exists():
            raise OperatorError("This user name is taken: choose another.", "username")
        user.date_joined = now
        user.save()
    _log(f"{user.role} {user.pk} entered by a link", user)
    return user


def make_api_key(name: str, who: User | None, now: datetime) -> tuple[APIKey, str]:
    """Make a key that may do what `who` may; None is the operator. Return it and its secret."""
    name = check_text(name, "name", NAME_LENGTH_MAX)
    secret = KEY_PREFIX + secrets.token_urlsafe(SECRET_SIZE)
    with transaction.atomic():
        if APIKey.objects.count() >= KEYS_MAX:
            raise OperatorError(f"There are {KEYS_MAX} API keys; revoke one first.", "name")
        row = APIKey.objects.create(name=name, hash=_hash(secret), created_by=who, created_at=now)
    _log(f"API key {row.pk} was made", who)
    return row, secret


def find_api_key(secret: str) -> APIKey | None:
    """Return the key with this secret, whose maker may still enter."""
    row = APIKey.objects.select_related("created_by").filter(hash=_hash(secret)).first()
    if row is None or (row.created_by is not None and not row.created_by.is_active):
        return None
    return row


def note_key_use(row: APIKey, now: datetime) -> None:
    """Keep when a key was used last, to the minute."""
    if row.last_used_at is None or now - row.last_used_at >= USE_NOTED:
        APIKey.objects.filter(pk=row.pk).update(last_used_at=now)


def revoke_api_key(pk: int, who: User | None) -> None:
    """End a key at once; raises APIKey.DoesNotExist."""
    count, _ = APIKey.objects.filter(pk=pk).delete()
    if not count:
        raise APIKey.DoesNotExist(f"There is no API key {pk}.")
    _log(f"API key {pk} was revoked", who)


def is_operator_key(secret: str) -> bool:
    """Tell whether this is the key of whoever can read the data folder."""
    try:
        expected = load_deployment().folder.operator_key.read_text("utf-8").strip()
    except OSError:
        return False
    # Of the hashes, which have one length: the comparison tells nothing of the key's.
    return bool(expected) and secrets.compare_digest(_hash(secret), _hash(expected))


def change_person(
    pk: int, who: User | None, role: str | None = None, active: bool | None = None
) -> User:
    """Change what is given; raises User.DoesNotExist, or OperatorError if no owner would be left.

    Whoever is not active cannot enter, and their keys stop working. Open invitations end when an
    owner is no longer one: they may hold a link of their own making.
    """
    if role is not None and role not in Role.values:
        raise OperatorError(f"Role is one of {', '.join(Role.values)}.", "role")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=pk)
        was_owner = user.role == Role.OWNER and user.is_active
        user.role = user.role if role is None else Role(role)
        user.is_active = user.is_active if active is None else active
        user.save(update_fields=["role", "is_active"])
        if not has_owner():
            raise OperatorError("One owner has to stay: make somebody else an owner first.", "role")
        if was_owner and not (user.role == Role.OWNER and user.is_active):
            Invitation.objects.filter(used_at=None).delete()
    _log(f"person {pk} is {user.role}, {'active' if user.is_active else 'shut out'}", who)
    return user


def _refuse_second_setup() -> None:
    if has_owner():
        raise OperatorError("There is an owner already: sign in, or ask them for an invitation.")


def _make_invitation(role: str, now: datetime) -> str:
    secret = secrets.token_urlsafe(SECRET_SIZE)
    Invitation.objects.create(
        hash=_hash(secret), role=role, created_at=now, expires_at=now + LINK_LIFE
    )
    return secret


def _check_username(username: str) -> str:
    name = check_text(username, "username", 150)
    try:
        User.username_validator(name)
    except ValidationError as error:
        raise OperatorError(" ".join(error.messages), "username") from None
    if User.objects.filter(username__iexact=name).exists():
        raise OperatorError("This user name is taken: choose another.", "username")
    return name


def _check_password(password: str, user: User) -> None:
    if len(password) > PASSWORD_LENGTH_MAX:
        raise OperatorError(f"A password has at most {PASSWORD_LENGTH_MAX} characters.", "password")
    try:
        password.encode()
        validate_password(password, user)
    except UnicodeEncodeError:
        raise OperatorError("This password is not Unicode text.", "password") from None
    except ValidationError as error:
        raise OperatorError(" ".join(error.messages), "password") from None


def _hash(secret: str) -> str:
    return sha256(secret[:SECRET_LENGTH_MAX].encode("utf-8", "surrogatepass")).hexdigest()


def _log(what: str, who: User | None) -> None:
    log.info("people: %s by %s", what, who.pk if who else "operator")
