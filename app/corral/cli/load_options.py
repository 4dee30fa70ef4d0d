"""The load options of a command line: a few flags, and every one of the catalogue by its name."""

import argparse
from collections.abc import Callable

from corral.errors import UserError
from corral.plan.option_specs import with_option
from corral.plan.options import LoadOptions
from corral.settings import Speculation

# Flags of their own for what is asked most.
_FLAGS = {"ctx": "n_ctx", "gpu_layers": "n_gpu_layers", "kv_type": "kv_type"}


def changes_of(options: argparse.Namespace) -> Callable[[LoadOptions], LoadOptions]:
    """Return what a command line wants changed about how a model is loaded.

    Raises:
        UserError: If it names an option that does not exist, or a value that cannot be.
    """
    wanted = [
        (name, str(value))
        for flag, name in _FLAGS.items()
        if (value := getattr(options, flag)) is not None
    ]
    if getattr(options, "speculation", None) == Speculation.MTP:
        wanted.append(("mtp", "true"))  # these layers are loaded only where they are to guess
    for text in options.option:
        name, mark, value = text.partition("=")
        if not mark:
            raise UserError(
                f"'{text}' is no load option with a value.",
                hint="Write --option NAME=VALUE; `corral help options` lists them.",
            )
        wanted.append((name.strip(), value))

    def change(load: LoadOptions) -> LoadOptions:
        for name, value in wanted:
            load = with_option(load, name, value)
        return load

    change(LoadOptions())  # what is wrong is told before anything is read or loaded
    return change
