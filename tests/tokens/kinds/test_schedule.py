"""What a scheduler reads."""

from functools import partial
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.tokens.kinds.schedule import KIND
from tokens.making import make

made = partial(make, KIND)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"when": "daily"}, "when"),
        ({"when": "* * * *"}, "when"),
        ({"when": "* * * * * root id"}, "when"),
        ({"by": "systemd"}, "unit"),
        ({"unit": "ssh.service"}, "unit"),
        ({"by": "systemd", "unit": "ssh"}, "unit"),
        ({"by": "systemd", "unit": "../x.service"}, "unit"),
        ({"user": "a b"}, "user"),
    ],
    ids=str,
)
def test_what_would_not_be_read_is_refused_by_name(values: dict[str, Any], field: str) -> None:
    with pytest.raises(OperatorError) as caught:
        made(**values)
    assert caught.value.field == field


@pytest.mark.parametrize("when", ["@reboot", "@daily", "*/5 0-6,22 1 jan-MAR 7"])
def test_a_job_is_one_line_of_cron(when: str) -> None:
    job = made(when=when, user="alice")["job"]
    assert job.startswith(f"{when} alice /usr/local/sbin/")
    assert job.count("\n") == 1


def test_a_script_of_systemd_stays_until_the_beacon_is_sent() -> None:
    """What a unit of the type oneshot leaves behind is killed (systemd.service(5))."""
    assert "&" not in made(by="systemd", unit="a.service", via="both")["script"].splitlines()[-1]
    assert "&" in made(via="both")["script"].splitlines()[-1]
