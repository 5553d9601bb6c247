"""A server of tools for language models (Model Context Protocol), in `.mcp.json`."""

import json

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import ALPHANUMERIC, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_CODES = (-32000, -32001, -32600)
"""What servers of their own use for a refusal: JSON-RPC 2.0 §5.1 leaves them free."""


class McpKind(CredentialKind):
    """A remote server and its bearer token."""

    name = "mcp"
    title = "MCP server"
    service = "MCP"
    summary = "A remote MCP server with its key; fires when an assistant or a script connects."
    planting = (
        "Put .mcp.json at the root of a repository, or its server into an assistant's own "
        "configuration. Assistants that work on code connect to the servers of the folder in which "
        "they are started, some without asking: that is how a copied repository tells of itself.",
        "Every connection fires it and brings the key. A file that is only read does not.",
        "Whoever works in that folder fires it, too; a folder that nobody works in is better.",
    )
    proof = proven("mcp")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the file."""
        draw = Draw(token, site, "mcp")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        name = draw.one((role, project, f"{project}-{role}", f"{role}-tools", f"{project}-mcp"))
        prefix = draw.one(("", f"{draw.one(ROLES)}_", "sk_", "key_", "pat_"))
        server = {
            "type": "http",
            "url": f"{site.origin(token.id)}/{draw.one(('mcp', f'{role}/mcp', 'api/mcp'))}",
            "headers": {"Authorization": f"Bearer {prefix}{draw.text(ALPHANUMERIC, 40)}"},
        }
        text = json.dumps({"mcpServers": {name: server}}, indent=draw.one((2, 4))) + "\n"
        return [Artefact("config", ".mcp.json", text, "application/json", ".mcp.json")]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse the key, over HTTP and as JSON-RPC."""
        draw = Draw(token, site, "server")
        error = {"code": draw.one(_CODES), "message": draw.one(("Unauthorized", "Invalid API key"))}
        body = {"jsonrpc": "2.0", "error": error, "id": None}
        headers = (
            ("WWW-Authenticate", f'Bearer realm="{draw.one(PROJECTS)}"'),
            ("Content-Type", "application/json"),
        )
        return Answer(401, headers, json.dumps(body, separators=(",", ":")).encode())


KIND = McpKind()
