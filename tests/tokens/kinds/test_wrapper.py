"""What may be wrapped, and how it is said."""

from functools import partial
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.tokens.kinds.wrapper import KIND
from tokens.making import make

made = partial(make, KIND, program="nc")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"program": ""}, "program"),
        ({"program": "n c"}, "program"),
        ({"program": "$(id)"}, "program"),
        ({"program": "bin/nc"}, "program"),
        ({"program": "/usr/bin/"}, "program"),
        ({"program": "/usr/bin/.."}, "program"),
        ({"program": "-n"}, "program"),
        ({"user": "alice;id"}, "user"),
        ({"user": "alice", "everyone": True}, "user"),
        ({"style": "binary", "via": "http"}, "via"),
        ({"style": "binary", "via": "both"}, "via"),
        ({"divert": True, "user": "alice"}, "divert"),
        ({"divert": True, "style": "shell-function"}, "divert"),
        ({"divert": True, "program": "curl"}, "style"),
        ({"program": "/usr/local/bin/nc"}, "divert"),
    ],
    ids=str,
)
def test_what_could_not_be_planted_is_refused_by_name(values: dict[str, Any], field: str) -> None:
    with pytest.raises(OperatorError) as caught:
        made(**values)
    assert caught.value.field == field


def test_a_name_is_taken_for_a_program_of_usr_bin() -> None:
    assert "exec /usr/bin/nc " in made()["script"]
    assert "exec /opt/x/nc " in made(program="/opt/x/nc")["script"]


def test_arguments_are_carried_only_where_that_is_asked_for() -> None:
    for style, name in (("script", "script"), ("shell-function", "function")):
        assert "$*" not in made(style=style, via="both")[name]
        assert "ran nc $*" in made(style=style, via="both", with_args=True)[name]
    assert "strlen(" not in made(style="binary")["source"]
    assert "strlen(" in made(style="binary", with_args=True)["source"]


def test_the_way_is_what_was_asked_for() -> None:
    for via, has_curl, has_bash in (("dns", 0, 1), ("http", 1, 0), ("both", 1, 1)):
        script = made(via=via)["script"]
        assert ("curl" in script, "/dev/udp/" in script) == (has_curl, has_bash)


def test_a_function_whose_name_is_no_word_is_kept_from_shells_that_would_stop_there() -> None:
    assert "/etc/profile.d/" in made(style="shell-function")["install"]
    for user in ("", "alice"):
        steps = made(style="shell-function", program="ssh-add", user=user)["install"]
        assert "profile" not in steps


def test_a_program_of_sbin_is_wrapped_in_sbin() -> None:
    assert "/usr/local/sbin/tcpdump" in made(program="/usr/sbin/tcpdump")["install"]
