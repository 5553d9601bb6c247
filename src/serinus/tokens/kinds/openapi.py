"""An API description whose schemas are kept at an address of ours."""

from serinus.model.answer import Answer
from serinus.tokens.configs import written
from serinus.tokens.drawing import PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

THINGS = (
    *("Account", "Address", "Agreement", "Batch", "Branch", "Contact", "Credit", "Customer"),
    *("Device", "Employee", "Export", "Invoice", "Job", "Ledger", "Member", "Mandate", "Order"),
    *("Partner", "Payment", "Payout", "Plan", "Policy", "Product", "Project", "Quote", "Refund"),
    *("Report", "Salary", "Session", "Shipment", "Site", "Statement", "Supplier", "Ticket"),
    *("Transfer", "User", "Vehicle", "Visit", "Warehouse", "Worker"),
)
_FIELDS = {
    "amount": "number",
    "active": "boolean",
    "city": "string",
    "comment": "string",
    "count": "integer",
    "country": "string",
    "currency": "string",
    "email": "string",
    "name": "string",
    "number": "string",
    "owner": "string",
    "phone": "string",
    "position": "integer",
    "price": "number",
    "reference": "string",
    "state": "string",
    "total": "number",
}


class OpenAPIKind(PlainKind):
    """An OpenAPI 3 document (OpenAPI 3.0.3 §4.7.23, Reference Object) and what it refers to."""

    name = "openapi"
    title = "API description"
    summary = "An OpenAPI document that fires when a tool resolves the schemas it refers to."
    group = Group.CREDENTIAL
    planting = (
        "Put it where descriptions of internal APIs are kept: a repository, a wiki, a share, a "
        "folder of documentation.",
        "It fires when a tool follows the references: linters, bundlers, generators of clients and "
        "many editors do so as they open it. The schemas are there, so that nothing fails. The "
        "address under servers is ours, too, and fires when a call is tried.",
        "Reading the file does not fire. Build servers that check every file of a repository do.",
    )
    proof = proven("redocly")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the document."""
        draw = Draw(token, site, "openapi")
        thing, plural = _draw_thing(token, site)
        origin, project, role = site.origin(token.id), draw.one(PROJECTS), draw.one(ROLES)
        title = f"{project.title()} {draw.one((role.title(), plural.title(), 'Internal'))} API"
        version = f"{draw.number(1, 4)}.{draw.number(0, 30)}.{draw.number(0, 9)}"
        folder = draw.one(("schemas", "components", "shared", "models", "spec"))
        file = draw.one((plural, thing.lower(), "common", "types"))
        schema = f"{origin}/{folder}/{file}.yaml#/{thing}"
        lines = (
            f"openapi: {draw.one(('3.0.0', '3.0.1', '3.0.2', '3.0.3'))}",
            "info:",
            f"  title: {title}",
            f"  version: {version}",
            "servers:",
            f"  - url: {origin}/{draw.one(('api', 'v1', 'v2', f'api/{role}'))}",
            "paths:",
            f"  /{plural}:",
            "    get:",
            f"      operationId: {draw.one(('list', 'find', 'search', 'get'))}{plural.title()}",
            f"      summary: {draw.one(('List', 'Find', 'Search', 'All'))} {plural}",
            "      responses:",
            "        '200':",
            f"          description: {draw.one(('OK', 'Success', plural.title(), 'Found'))}",
            f"          content: {{application/json: {{schema: {{$ref: '{schema}'}}}}}}",
        )
        name = draw.one(("openapi.yaml", "openapi.yml", f"{project}.yaml", f"{plural}-api.yaml"))
        return [Artefact("document", "Document", written(*lines), "application/yaml", name)]

    def answer(self, token: Token, site: Site) -> Answer | None:
        """Return the schema."""
        draw = Draw(token, site, "openapi schema")
        thing, _ = _draw_thing(token, site)
        lines = [f"{thing}:", "  type: object", "  properties:", "    id: {type: integer}"]
        for name, type_ in draw.shuffled(_FIELDS.items())[: draw.number(3, 8)]:
            lines.append(f"    {name}: {{type: {type_}}}")
        media_type = draw.one(("application/yaml", "text/yaml", "text/plain"))
        return Answer(headers=(("Content-Type", media_type),), body=written(*lines).encode())


def _draw_thing(token: Token, site: Site) -> tuple[str, str]:
    """Return what the API is about, and the word for several of it."""
    thing = Draw(token, site, "thing").one(THINGS)
    one = thing.lower()
    several = f"{one}es" if one.endswith(("ch", "ss")) else f"{one}s"
    several = f"{one[:-1]}ies" if one.endswith("y") else several
    return thing, several


KIND = OpenAPIKind()
