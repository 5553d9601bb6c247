import re
from pathlib import Path

from openapi_spec_validator import validate

from console.api.client import APIClient, read
from serinus.console.api import API
from serinus.console.api.openapi import describe_api
from serinus.tokens.catalogue import KINDS

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "api.md"
ROW = re.compile(r"^\| `([A-Z]+) (/api/\S*)` \|", re.MULTILINE)


def test_the_description_is_valid_openapi(
    colleague_api: APIClient, stranger_api: APIClient
) -> None:
    read(stranger_api.get("openapi.json"), 401)
    found = read(colleague_api.get("openapi.json"))
    validate(found)
    assert found["openapi"].startswith("3.1") and found["security"] == [{"key": []}]


def test_operations_have_stable_names_of_a_verb_and_a_noun() -> None:
    names = [
        operation["operationId"]
        for operations in describe_api(API)["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names)


def test_the_options_of_each_kind_are_described() -> None:
    schemas = describe_api(API)["components"]["schemas"]
    assert schemas["NewToken"]["properties"]["kind"]["enum"] == [kind.name for kind in KINDS]
    assert schemas["RedirectOptions"]["required"] == ["target"]
    assert schemas["WebOptions"]["properties"]["body"]["contentEncoding"] == "base64"
    assert schemas["WebhookSettings"]["properties"]["secret"]["writeOnly"]


def test_every_operation_may_answer_with_a_problem() -> None:
    for operations in describe_api(API)["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_the_page_lists_the_operations_that_there_are() -> None:
    real = {
        (method.upper(), path)
        for path, operations in describe_api(API)["paths"].items()
        for method in operations
    }
    listed = ROW.findall(DOCS.read_text("utf-8"))
    assert len(listed) == len(set(listed))
    assert set(listed) == real | {("GET", "/api/openapi.json")}
