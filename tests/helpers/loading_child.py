"""The *inspect* child, which can also really load: what that does to it hurts no test.

Started as a script.
"""

import sys
from pathlib import Path
from typing import Any

from corral.children import serve
from corral.children.inspect import InspectRole
from corral.children.inspect_json import lines_to_json, options_from_json
from corral.children.protocol import Json
from corral.gguf.reader import read_header
from corral.llama.breakdown import breakdown_lines, context_breakdown
from corral.llama.context import open_context
from corral.llama.library import LlamaLibrary
from corral.llama.model import open_weights
from corral.plan.formula import output_bytes
from corral.plan.options import LoadMode, LoadOptions


class LoadingRole(InspectRole):
    """Loads models, those that only make vectors too, and says what llama.cpp holds then."""

    def load(self, *, path: str, settings: Json) -> Json:
        """Return the lines of a real load for each of some options."""
        assert isinstance(settings, list)
        asked = [options_from_json(each) for each in settings]
        return [lines_to_json(self._measured(Path(path), options)) for options in asked]

    def _measured(self, path: Path, options: LoadOptions) -> Any:
        library: LlamaLibrary = self._library
        api = library.api
        params = api.llama_model_default_params()
        params.n_gpu_layers = 0
        is_mapped = options.load_mode is LoadMode.MMAP
        params.load_mode = api.LLAMA_LOAD_MODE_MMAP if is_mapped else api.LLAMA_LOAD_MODE_NONE
        model = open_weights(library, path, params)
        assert model, library.log.complaints(0)
        try:
            context = open_context(library, model, options.context)
            uses = context_breakdown(library, context)
            api.llama_free(context)
        finally:
            api.llama_model_free(model)
        return breakdown_lines(uses, output_bytes(read_header(path), options.context))


def _methods(_role: str) -> serve.Methods:
    role = LoadingRole()
    return {"load": role.load, "plan": role.plan, "devices": role.devices}


if __name__ == "__main__":
    serve._methods = _methods
    sys.exit(serve.serve("inspect"))
