"""What the catalogue says of an instruction or parameter, in the window's language."""

from PySide6.QtCore import QCoreApplication

from corral.gui.service_phrases import translated
from corral.modelfile.catalogue import InstructionSpec, ParameterSpec
from corral.modelfile.completion import Spec
from corral.modelfile.values import format_value


def spec_text(spec: Spec) -> str:
    """Return all that is known: name, help, and for a parameter its default and range."""
    facts = parameter_facts(spec) if isinstance(spec, ParameterSpec) else ""
    return f"{_heading(spec)} — {translated(spec.help)}" + (f" {facts}" if facts else "")


def short_spec_text(spec: Spec) -> str:
    """Return the help and a parameter's default, for a list of names."""
    if isinstance(spec, InstructionSpec):
        return translated(spec.help)
    return f"{_default(spec)} {translated(spec.help)}"


def parameter_facts(spec: ParameterSpec) -> str:
    """Return default and useful range in words."""
    facts = [_default(spec)]
    if spec.minimum is not None and spec.maximum is not None:
        limits = QCoreApplication.translate("ModelfileHelp", "Useful from %1 to %2.")
        low, high = f"{spec.minimum:.12g}", f"{spec.maximum:.12g}"
        facts.append(limits.replace("%1", low).replace("%2", high))
    return " ".join(facts)


def _heading(spec: Spec) -> str:
    if isinstance(spec, InstructionSpec):
        return f"{spec.name} <{spec.argument}>"
    return f"{spec.name} ({spec.type.value})"


def _default(spec: ParameterSpec) -> str:
    if spec.is_automatic(spec.default):
        return QCoreApplication.translate("ModelfileHelp", "Default: automatic.")
    if spec.default == ():
        return QCoreApplication.translate("ModelfileHelp", "Default: none.")
    value = "" if spec.default is None else " ".join(format_value(spec.default))
    return QCoreApplication.translate("ModelfileHelp", "Default: %1.").replace("%1", value)
