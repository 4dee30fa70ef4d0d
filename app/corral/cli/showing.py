"""`corral show`: all that is known of one model."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from corral.cli.output import print_table
from corral.cli.template_words import parser_words, set_aside_words, template_words
from corral.errors import UserError
from corral.foreign import safe_line, safe_text
from corral.gguf.cache import HeaderCache
from corral.gguf.header import ArrayValue, Header
from corral.library.library import Library
from corral.library.model import StoredModel
from corral.modelfile.document import parameter_commands
from corral.places import Places, find_places
from corral.units import context_size, file_size
from corral.units import parameter_count as shown_count
from corral.workbench.modelling import open_library_with_starter
from corral.workbench.template_families import family_of
from corral.workbench.templates import template_of

_NAME_WIDTH = 30
_SHOWN_LINES = 2
_SHOWN_VALUES = 5


def show(options: argparse.Namespace) -> int:
    """Print what is known of a model, or one part of it as it is."""
    if options.prompt:
        from corral.cli.prompts import show_prompt  # lazy: it opens the whole workbench

        return show_prompt(options)
    places = find_places()
    library = open_library_with_starter(places)
    if options.modelfile:
        _print_whole(library.modelfile(options.model))
        return 0
    model = library.get(options.model)
    header = HeaderCache(places.headers).read_model(model.weights)
    if options.json:
        print(json.dumps(model_json(model, header, has_tensors=options.tensors), indent=1))
    elif part := next((name for name in _PARTS if getattr(options, name)), None):
        _print_whole(_PARTS[part](model, header))
    else:
        _print_info(library, model, places, header)
        if options.verbose:
            _print_section("Metadata", _metadata(header))
        if options.tensors or options.verbose:
            _print_section("Tensors", _tensors(header))
    return 0


def model_json(
    model: StoredModel, header: Header, *, has_tensors: bool = False
) -> dict[str, object]:
    """Return all that is known of a model as plain JSON values."""
    chosen = template_of(model, header.chat_template)
    fields: dict[str, object] = {
        "name": model.name,
        "digest": model.digest,
        "size_bytes": model.size_bytes,
        "modified_at": model.modified_at,
        "last_used_at": model.last_used_at,
        "home": {"kind": model.home.kind.value, "label": model.home.label},
        "family": model.config.family,
        "quantization": model.config.quantization,
        "parameter_count": model.parameter_count,
        "active_parameter_count": model.active_parameter_count,
        "context_length": model.config.context_length,
        "embedding_length": model.config.embedding_length,
        "capabilities": [capability.value for capability in model.capabilities],
        "renderer": model.config.renderer,
        "parser": model.config.parser,
        "requires": model.config.requires,
        "parent": model.parent_name,
        "files": {
            "weights": [str(path) for path in model.shards or (model.weights,)],
            "adapters": [str(path) for path in model.adapters],
            "projectors": [str(path) for path in model.projectors],
            "drafts": [str(path) for path in model.drafts],
        },
        "template": model.template,
        "gguf_template": header.chat_template,
        "prompts_by": {
            "source": chosen.source.value,
            "reason": chosen.reason.value,
            "stands_in_for": chosen.stands_in_for,
            "sets_aside_modelfile": chosen.sets_aside_modelfile,
        },
        "system": model.system,
        "parameters": dict(model.parameters),
        "messages": [{"role": each.role, "content": each.content} for each in model.messages],
        "licenses": list(model.licenses),
    }
    if has_tensors:
        fields["tensors"] = [
            {"name": each.name, "type": each.type.label, "shape": list(each.shape)}
            for each in header.tensors
        ]
    return fields


def _print_info(library: Library, model: StoredModel, places: Places, header: Header) -> None:
    facts = [*_facts(model), *_prompt_facts(model, header), *_disk_facts(library, model)]
    _print_section("Model", facts)
    if model.capabilities:
        _print_section("Capabilities", [(each.value, "") for each in model.capabilities])
    for path in model.projectors:
        _print_section("Projector", _projector_facts(HeaderCache(places.headers).read(path)))
    if model.parameters:
        rows = [(name, _value(value)) for name, value in model.parameters.items()]
        _print_section("Parameters", rows)
    for title, text in (("System", model.system), ("License", "\n".join(model.licenses))):
        if text:
            lines = safe_text(text).strip().splitlines()
            more = ["..."] if lines[_SHOWN_LINES:] else []
            _print_section(title, [(line, "") for line in [*lines[:_SHOWN_LINES], *more]])


def _facts(model: StoredModel) -> Iterator[tuple[str, str]]:
    config = model.config
    active = model.active_parameter_count
    facts = (
        ("architecture", config.family),
        ("parameters", shown_count(model.parameter_count) if model.parameter_count else ""),
        ("active per token", shown_count(active) if active < model.parameter_count else ""),
        ("context length", context_size(config.context_length) if config.context_length else ""),
        ("embedding length", str(config.embedding_length or "")),
        ("quantization", config.quantization),
        ("requires", config.requires),
        ("size", file_size(model.size_bytes)),
        ("lives in", "" if model.home.is_own else f"{model.home.label}: {model.weights}"),
    )
    return ((name, value) for name, value in facts if value)


def _prompt_facts(model: StoredModel, header: Header) -> Iterator[tuple[str, str]]:
    template = template_of(model, header.chat_template)
    family = family_of(header.chat_template)
    facts = (
        ("template", template_words(template)),
        ("", set_aside_words(template)),
        ("template family", f"{family.name}, as Ollama detects it" if family else ""),
        ("answers are read", parser_words(safe_line(model.config.parser))),
    )
    return ((name, value) for name, value in facts if value)


def _disk_facts(library: Library, model: StoredModel) -> Iterator[tuple[str, str]]:
    use = library.upkeep.disk_use().models.get(model.name)
    if model.home.is_own and use:
        yield "of its own", file_size(use.own_bytes)
        yield "shared", file_size(use.shared_bytes)


def _projector_facts(header: Header) -> list[tuple[str, str]]:
    facts = [
        ("architecture", header.value("clip.projector_type", "") or header.architecture),
        ("parameters", shown_count(header.parameter_count)),
        ("quantization", header.quantization),
        ("size", file_size(header.file_bytes)),
    ]
    return [(name, value) for name, value in facts if value]


def _metadata(header: Header) -> list[tuple[str, str]]:
    return [(key, _metadata_value(value)) for key, value in header.metadata.items()]


def _metadata_value(value: object) -> str:
    if isinstance(value, ArrayValue):
        values = value.values or ()
        shown = [
            *map(str, values[:_SHOWN_VALUES]),
            *(["…"] if value.length > _SHOWN_VALUES else []),
        ]
        return f"[{', '.join(shown)}] ({value.length:,} values)"
    return safe_line(str(value), 100)


def _tensors(header: Header) -> list[tuple[str, str]]:
    return [
        (each.name, f"{each.type.label:8} [{' '.join(map(str, each.shape))}]")
        for each in header.tensors
    ]


def _print_section(title: str, rows: Sequence[tuple[str, str]]) -> None:
    print_table((title, ""), [(f"  {name}", value) for name, value in rows])
    print()


def _print_whole(text: str) -> None:
    # A file gets every character, a terminal none that it would obey.
    print(safe_text(text) if sys.stdout.isatty() else text)


def _parameters(model: StoredModel, _header: Header) -> str:
    lines = [
        f"{command.name:<{_NAME_WIDTH}} {_quoted(command.name, command.args, model)}"
        for command in parameter_commands(model.parameters)
    ]
    return "\n".join(lines)


def _quoted(name: str, text: str, model: StoredModel) -> str:
    return json.dumps(text, ensure_ascii=False) if _is_text(model.parameters[name]) else text


def _is_text(value: object) -> bool:
    return isinstance(value, str | tuple)


def _template(model: StoredModel, header: Header) -> str:
    text = model.template or header.chat_template
    if not text:
        raise UserError(f"{model.name} has no template: it goes on with your text.")
    return text


def _system(model: StoredModel, _header: Header) -> str:
    return model.system or ""


def _license(model: StoredModel, _header: Header) -> str:
    return "\n".join(model.licenses)


_PARTS: Mapping[str, Callable[[StoredModel, Header], str]] = {
    "parameters": _parameters,
    "system": _system,
    "template": _template,
    "license": _license,
}


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "  ".join(f'"{item}"' for item in value)
    return str(value)
