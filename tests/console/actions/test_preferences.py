from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.console.actions.preferences import (
    Preferences,
    change_preferences,
    read_preferences,
)
from serinus.console.models import ConsoleSetting, User


def test_without_a_choice_the_defaults_hold() -> None:
    assert read_preferences() == Preferences()


def test_what_is_given_is_changed_and_the_rest_stays(owner: User) -> None:
    change_preferences({"digest_s": 60}, owner)
    changed = change_preferences({"incident_window_s": "120"}, None)
    assert changed == read_preferences() == Preferences(incident_window_s=120, digest_s=60)
    assert ConsoleSetting.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"digest_s": 59}, "digest_s"),
        ({"digest_s": "many"}, "digest_s"),
        ({"digest_s": "９９９"}, "digest_s"),
        ({"digest_s": "9" * 5000}, "digest_s"),
        ({"digest_s": None}, "digest_s"),
        ({"digest_s": True}, "digest_s"),
        ({"digest_s": 61, "keep_touches_days": 0}, "keep_touches_days"),
        ({"digest_s": 61, "colour": 1}, "colour"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_a_wrong_value_is_named_and_changes_nothing(values: dict[str, Any], field: str) -> None:
    with pytest.raises(OperatorError) as caught:
        change_preferences(values, None)
    assert caught.value.field == field and not ConsoleSetting.objects.exists()


def test_a_stored_value_that_is_not_lawful_counts_as_not_stored() -> None:
    ConsoleSetting.objects.create(name="digest_s", value="x")
    ConsoleSetting.objects.create(name="incident_window_s", value=61)
    ConsoleSetting.objects.create(name="another programs", value=[])
    assert read_preferences() == Preferences(incident_window_s=61)
