"""What a chat template can take beyond plain messages, told from its text.

Ollama weighs a Modelfile's TEMPLATE and the model file's own template by these signs.

Source: Ollama's behaviour (`server/images.go`), looked up.
"""

from dataclasses import dataclass

from corral.errors import UserError
from corral.prompt.choice import Offer
from corral.prompt.gotemplate.tags import inferred_thinking_tags
from corral.prompt.gotemplate.template import GoTemplate

_JINJA_CALLS = ("tool_calls", "assistant_tool_call")
_JINJA_RESULTS = (
    "tool_response", "tool_results", "ipython",
    "role'] == 'tool'", "role'] == \"tool\"", "role\"] == 'tool'", 'role"] == "tool"',
    "message.role == 'tool'", 'message.role == "tool"',
)  # fmt: skip
_GO_RESULTS = ('eq .Role "tool"', "tool_response", "TOOL_RESULTS")
_THINKING_SPLITS = ("content.split('</think>')", 'content.split("</think>")')
# Templates that split at the tag and are known not to think by it.
_NO_THINKING = ("reasoning_content", "<SPECIAL_12>")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOffers:
    """What one template can take.

    Attributes:
        offers: All of it.
        returns_results: Whether it writes both calls of tools and their results.
    """

    offers: frozenset[Offer] = frozenset()
    returns_results: bool = False


def jinja_offers(text: str) -> TemplateOffers:
    """Return what a chat template in Jinja offers; it is not run for that."""
    offers = set()
    if "tools" in text or "tool_call" in text:
        offers.add(Offer.TOOLS)
    if _jinja_thinks(text):
        offers.add(Offer.THINKING)
    return TemplateOffers(
        offers=frozenset(offers),
        returns_results=_has_any(text, _JINJA_CALLS) and _has_any(text, _JINJA_RESULTS),
    )


def go_offers(text: str) -> TemplateOffers:
    """Return what a TEMPLATE offers: nothing if it cannot be read."""
    try:
        template = GoTemplate(text)
    except UserError:
        return TemplateOffers()
    names = {Offer.TOOLS: "tools", Offer.INSERT: "suffix"}
    offers = {offer for offer, name in names.items() if name in template.names}
    if inferred_thinking_tags(template.tree):
        offers.add(Offer.THINKING)
    has_calls = {"tools", "toolcalls"} <= template.names
    return TemplateOffers(
        offers=frozenset(offers), returns_results=has_calls and _has_any(text, _GO_RESULTS)
    )


def _jinja_thinks(text: str) -> bool:
    if "<think>" in text and "</think>" in text:
        return True
    return _has_any(text, _THINKING_SPLITS) and not _has_any(text, _NO_THINKING)


def _has_any(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text for sign in signs)
