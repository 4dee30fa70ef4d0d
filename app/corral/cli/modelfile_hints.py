"""What the editor would say about a Modelfile, said on the command line as compilers say it."""

import sys
from dataclasses import replace

from corral.errors import UserError
from corral.foreign import safe_text
from corral.modelfile.hint import Severity
from corral.modelfile.hints import hints


def tell_hints(text: str, source: str) -> None:
    """Print the warnings about a Modelfile that can be read.

    Raises:
        UserError: For the first thing that Ollama would refuse.
    """
    found = hints(text)
    for hint in found:
        if hint.severity is Severity.ERROR:
            raise UserError(hint.message, place=replace(hint.place, source=source))
    for hint in found:
        place = f"{source}:{hint.place.line}:{hint.place.column}"
        print(safe_text(f"corral: {place}: warning: {hint.message}"), file=sys.stderr)
