"""What the API's values have in common: strict input, numbers that a database keeps, pages."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Query, Schema
from ninja.parser import Parser
from pydantic import ConfigDict, Field

from serinus.base.errors import OperatorError

NUMBER_MAX = 2**63 - 1
"""The largest number that a database keeps."""
PAGE_DEFAULT = 50
PAGE_MAX = 500
TEXT_LENGTH_MAX = 500
"""Characters of a search."""

Id = Annotated[int, Field(ge=1, le=NUMBER_MAX)]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="Items wanted at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=40, description="`next` of the page before; opaque.", pattern="^[0-9]{1,19}$"),
]
Text = Annotated[
    str, Query(max_length=TEXT_LENGTH_MAX, description="Words, each of which begins a word.")
]

Row = TypeVar("Row")


class Given(Schema):
    """Something that clients send: nothing unknown is in it, and types are as JSON has them."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StrictParser(Parser):
    """Reads JSON and nothing beside it: no NaN, no depth that exhausts the stack."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value; raises ValueError."""
        try:
            return json.loads(request.body, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("nested too deep") from None


def read_cursor(cursor: str | None) -> int | None:
    """Return the number that a page's `next` stands for."""
    if cursor is None:
        return None
    number = int(cursor)
    if number > NUMBER_MAX:
        raise OperatorError("This cursor is not one that a page had as its next.", "cursor")
    return number


def make_page(
    rows: Sequence[Row],
    limit: int,
    describe: Callable[[Row], dict[str, Any]],
    position: Callable[[Row], int],
) -> dict[str, Any]:
    """Return a page of `rows`, of which one more than `limit` was looked for.

    Args:
        rows: In their order.
        limit: Items of the page.
        describe: A row as JSON values.
        position: The number from which the next page goes on.
    """
    shown = rows[:limit]
    return {
        "items": [describe(row) for row in shown],
        "next": str(position(shown[-1])) if len(rows) > limit else None,
    }


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
