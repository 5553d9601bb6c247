"""What may be said of a login."""

from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from serinus.base.errors import OperatorError
from serinus.tokens.kinds.login import KIND
from tokens.making import make

made = partial(make, KIND)


@pytest.mark.parametrize(
    "values",
    [{"place": "authorized-keys"}, {"place": "pam", "user": "alice"}, {"user": "-x"}],
    ids=str,
)
def test_a_user_is_named_where_there_is_one(values: dict[str, Any]) -> None:
    with pytest.raises(OperatorError) as caught:
        made(**values)
    assert caught.value.field == "user"


def test_every_key_is_another_and_opens_its_own_line_alone() -> None:
    keys = [made(n, place="authorized-keys", user="alice")["key"] for n in range(3)]
    assert len(set(keys)) == 3
    for key in keys:
        load_ssh_private_key(key.encode(), None)


def test_the_line_of_a_key_allows_nothing_but_the_script() -> None:
    steps = made(place="authorized-keys", user="alice")["install"]
    assert 'restrict,command="/usr/local/bin/' in steps
