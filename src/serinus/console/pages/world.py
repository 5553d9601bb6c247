"""Where a source is on the offline map."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

COUNTRIES = Path(__file__).parent / "static" / "countries.json"
NORTH, SOUTH = 84.0, -58.0
"""The edges of world.svg, in degrees; one unit of it is one degree."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the map.

    Attributes:
        x, y: In units of world.svg.
        label: What is there, for those who do not see the map.
        exact: Whether it is more than the middle of a country.
    """

    x: float
    y: float
    label: str
    exact: bool


def find_mark(facts: Any) -> Mark | None:
    """Return where the facts of a source put it, or None where they do not say."""
    if not isinstance(facts, dict):
        return None
    code = country_code(facts)
    name = _countries()[code][0] if code else ""
    latitude, longitude = facts.get("latitude"), facts.get("longitude")
    if _is_degree(latitude, 90) and _is_degree(longitude, 180):
        city = facts.get("city")
        place = ", ".join(part for part in (city, name) if isinstance(part, str) and part)
        return _mark(latitude, longitude, place or "The source", exact=True)
    if not code:
        return None
    _, latitude, longitude = _countries()[code]
    return _mark(latitude, longitude, name, exact=False)


def country_name(facts: Any) -> str:
    """Return the name of the country that the facts name, or ""."""
    code = country_code(facts) if isinstance(facts, dict) else ""
    return _countries()[code][0] if code else ""


def country_code(facts: dict[str, Any]) -> str:
    """Return the ISO 3166-1 alpha-2 code that the facts hold, if the map knows it, or ""."""
    code = facts.get("country")
    return code if isinstance(code, str) and code in _countries() else ""


def _mark(latitude: float, longitude: float, label: str, exact: bool) -> Mark:
    y = NORTH - min(NORTH, max(SOUTH, latitude))
    return Mark(round(longitude + 180, 1), round(y, 1), label, exact)


def _is_degree(value: Any, bound: int) -> TypeGuard[float]:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= bound


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, float, float]]:
    return {code: tuple(row) for code, row in json.loads(COUNTRIES.read_text("utf-8")).items()}
