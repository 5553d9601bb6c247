"""What may be watched, and how its path is written."""

from functools import partial
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.tokens.kinds.opened_file import KIND
from tokens.making import make

made = partial(make, KIND)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"path": "notes.txt"}, "path"),
        ({"path": "/root/"}, "path"),
        ({"path": "/root/x\ny"}, "path"),
        ({"path": "/x", "via": "http"}, "via"),
        ({"path": "/x", "by": "inotify", "with_args": True}, "with_args"),
    ],
    ids=str,
)
def test_what_could_not_be_watched_is_refused_by_name(values: dict[str, Any], field: str) -> None:
    with pytest.raises(OperatorError) as caught:
        made(**values)
    assert caught.value.field == field


def test_a_path_is_text_and_nothing_else_in_shell_and_c() -> None:
    path = "/a \"$x\" `y` \\ 'z' %s"
    script = made(path=path, by="inotify")["script"]
    assert "open '/a \"$x\" `y` \\ '\"'\"'z'\"'\"' %s' |" in script
    assert "saw /a \\\"\\$x\\\" \\`y\\` \\\\ 'z' %s opened" in script
    assert '"/a \\"$x\\" `y` \\\\ \'z\' %s"' in made(path=path)["source"]
