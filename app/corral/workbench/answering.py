"""From how answers are to be made to what the engine takes."""

import json
from pathlib import Path

from corral.engine.session import Session
from corral.errors import UserError
from corral.foreign import safe_line
from corral.library.model import StoredModel
from corral.llama.adapters import AdapterSet
from corral.prompt.answering import ANY_JSON, Answering


def grammar_of(answering: Answering) -> str:
    """Return the GBNF that an answer obeys, "" for none.

    Raises:
        UserError: If the grammar cannot be read, or the form is no schema that can be kept.
    """
    from corral.engine.grammar.gbnf import check_gbnf  # lazy: most answers are free

    if answering.grammar:
        check_gbnf(answering.grammar)
        return answering.grammar
    return form_grammar(answering.form) if answering.form else ""


def form_grammar(form: str) -> str:
    """Return the grammar of "json" for any JSON object, or of the text of a JSON schema.

    Raises:
        UserError: If the text is no schema that can be kept.
    """
    # lazy: most answers are free
    from corral.engine.grammar.schema import json_grammar, schema_grammar

    if form == ANY_JSON:
        return json_grammar()
    try:
        schema = json.loads(form)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The answer's form is no JSON schema: {error}.") from error
    if not isinstance(schema, dict):
        raise UserError("The answer's form is no JSON schema: it is no object.")
    return schema_grammar(schema)


def adapters_of(answering: Answering, model: StoredModel) -> AdapterSet:
    """Return the adapters of an answer: the model's own at full scale, or what was chosen."""
    if answering.adapters is None:
        return tuple((path, 1.0) for path in model.adapters)
    return tuple((Path(path), scale) for path, scale in answering.adapters)


def bias_of(session: Session, answering: Answering) -> dict[int, float]:
    """Return the biases by the numbers of their tokens.

    Raises:
        UserError: If a text is not one token of this model, or a number is none of its tokens.

    Thread: the engine thread.
    """
    vocabulary, biases = session.model.vocabulary, {}
    for text, bias in answering.logit_bias:
        if text.isascii() and text.isdigit():
            token = int(text)
            if token >= vocabulary.n_vocab:
                raise UserError(
                    f"A bias is for token {token:,}, but the model has 0 to "
                    f"{vocabulary.n_vocab - 1:,}."
                )
        else:
            tokens = vocabulary.tokenize(text, add_special=False, parse_special=True)
            if len(tokens) != 1:
                raise UserError(
                    f"A bias is for '{safe_line(text, 40)}', which is {len(tokens)} tokens of this "
                    "model, not one.",
                    hint="Give a number, or try it with a blank before it.",
                )
            token = tokens[0]
        biases[token] = bias
    return biases
