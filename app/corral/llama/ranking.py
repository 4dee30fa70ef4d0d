"""The tokens by which a ranking model reads a question and a text together."""

import re

from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.llama.vocabulary import NO_TOKEN

_PLACES = re.compile(r"(\{query\}|\{document\})")


def rank_tokens(library: LlamaLibrary, model: Model, query: str, document: str) -> list[int]:
    """Return a question and a text as the model was made to read them.

    By the model's own template where it has one, else one after the other between the tokens that
    end and separate texts. Texts of control tokens in either stay text.

    Thread: the engine thread.
    """
    texts = {"{query}": query, "{document}": document}
    if template := model.rerank_template:
        return [
            token
            for part in _PLACES.split(template)
            for token in model.vocabulary.tokenize(
                texts.get(part, part), add_special=False, parse_special=part not in texts
            )
        ]
    api, pointer = library.api, model.vocabulary.pointer
    begin = _if(api.llama_vocab_get_add_bos(pointer), api.llama_vocab_bos(pointer))
    separator = api.llama_vocab_sep(pointer)
    end_token = api.llama_vocab_eos(pointer)
    end = _if(
        api.llama_vocab_get_add_eos(pointer),
        end_token if end_token != NO_TOKEN else separator,
    )
    between = _if(api.llama_vocab_get_add_sep(pointer), separator)
    asked, told = (
        model.vocabulary.tokenize(text, add_special=False, parse_special=False)
        for text in (query, document)
    )
    return [*begin, *asked, *end, *between, *told, *end]


def _if(is_wanted: bool, token: int) -> list[int]:  # noqa: FBT001 (llama.cpp's answer)
    return [token] if is_wanted and token != NO_TOKEN else []
