"""The address and key of a language model, as programs read them from their environment."""

import json

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import ALPHANUMERIC, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

# vLLM 0.6 (`entrypoints/openai/api_server.py`) and llama.cpp's server (`tools/server/server.cpp`):
# what people put behind an address of their own.
_REFUSALS = (
    {"error": "Unauthorized"},
    {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}},
)


class LlmKind(CredentialKind):
    """A gateway of one's own that speaks OpenAI's protocol, and Anthropic's."""

    name = "llm"
    title = "Language model endpoint"
    service = "language model"
    summary = "Base URL and key of a language model; fires when a program asks the model."
    planting = (
        "Put the variables into a .env file, a CI job or a shell profile. Keys of models are "
        "stolen to be used or resold, and are tried soon.",
        "The OpenAI packages read OPENAI_BASE_URL and send key and question there, so that an "
        "alarm also says what was asked. The variables of Anthropic's tools stand beside it; no "
        "test of ours runs those.",
        "A key that is copied without its base URL goes to the real service, which does not know "
        "it, and nothing fires.",
    )
    proof = proven("openai")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the variables."""
        draw = Draw(token, site, "llm")
        origin = site.origin(token.id)
        key = draw.one(("sk-", "sk-", "llm-", "")) + draw.text(
            ALPHANUMERIC, draw.one((22, 32, 40, 48))
        )
        text = (
            f"OPENAI_API_KEY={key}\nOPENAI_BASE_URL={origin}/v1\n"
            f"ANTHROPIC_API_KEY={key}\nANTHROPIC_BASE_URL={origin}\n"
        )
        return [Artefact("env", "Variables", text, file_name=".env")]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse the key as one of two servers does."""
        body = json.dumps(Draw(token, site, "server").one(_REFUSALS), separators=(",", ":"))
        return Answer(401, (("Content-Type", "application/json"),), body.encode())


KIND = LlmKind()
