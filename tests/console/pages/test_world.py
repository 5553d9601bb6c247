import json

import pytest

from serinus.console.pages.assets import read_asset
from serinus.console.pages.world import COUNTRIES, country_name, find_mark


def test_a_known_place_is_marked_exactly() -> None:
    mark = find_mark({"country": "NL", "city": "Delft", "latitude": 52.0, "longitude": 4.4})
    assert mark is not None
    assert (mark.x, mark.y, mark.exact) == (184.4, 32.0, True)
    assert mark.label == "Delft, Netherlands"


def test_a_country_is_marked_in_its_middle() -> None:
    mark = find_mark({"country": "BR"})
    assert mark is not None
    assert not mark.exact
    assert 110 < mark.x < 145
    assert 84 < mark.y < 105


@pytest.mark.parametrize(
    "facts",
    [
        {},
        None,
        [],
        {"country": "XX"},
        {"country": 5},
        {"latitude": float("nan"), "longitude": 1.0},
        {"latitude": 91.0, "longitude": 1.0},
        {"latitude": "1", "longitude": "2"},
    ],
)
def test_an_unknown_place_has_no_mark(facts: object) -> None:
    assert find_mark(facts) is None
    assert country_name(facts) == ""


def test_every_country_is_on_the_map() -> None:
    codes = json.loads(COUNTRIES.read_text())
    assert len(codes) > 230
    for code in codes:
        mark = find_mark({"country": code})
        assert mark is not None
        assert 0 <= mark.x <= 360
        assert 0 <= mark.y <= 142


def test_the_map_is_small() -> None:
    assert len(read_asset("world.svg").content) < 60_000
