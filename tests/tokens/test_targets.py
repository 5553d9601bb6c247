"""Where people may be sent on to."""

import pytest

from serinus.base.errors import OperatorError
from serinus.tokens.targets import TARGET_LENGTH_MAX, check_target


@pytest.mark.parametrize(
    "target", ["http://a", "https://example.com/a?b=c#d", "http://[::1]:8080/", "https://u@a.b/"]
)
def test_a_whole_url_is_lawful(target: str) -> None:
    check_target(target, "target")


@pytest.mark.parametrize(
    "target",
    [
        "",
        "example.com",
        "//example.com",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "http://a:99999/",
        "http://a/\r\nSet-Cookie: x",
        "http://a/ b",
        "http://a\\@b/",
        "http://ä/",
        "http://a/" + "x" * TARGET_LENGTH_MAX,
    ],
)
def test_anything_else_is_refused_by_its_field(target: str) -> None:
    with pytest.raises(OperatorError) as caught:
        check_target(target, "where")
    assert caught.value.field == "where"
