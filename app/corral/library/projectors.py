"""Which projector belongs to which weights, when both lie in one folder."""

from collections.abc import Iterable
from pathlib import Path

from corral.gguf.check import check_file
from corral.gguf.errors import GgufError
from corral.gguf.header import Header

_PATTERN = "*mmproj*.gguf"
# Of several of one model, the first of these is taken: projectors are small and need precision.
_BEST_FIRST = ("F16", "BF16", "F32", "Q8_0")


def projector_beside(weights: Path, header: Header) -> Path | None:
    """Return the sound projector beside a model file, None when there is none that fits it.

    It is named as llama.cpp names projectors, and what it puts out is as wide as what the model
    takes in.
    """
    if header.is_projector or header.is_adapter:
        return None
    fitting = [
        (path, projector)
        for path, projector in _projectors(sorted(weights.parent.glob(_PATTERN)))
        if _fits(projector, header)
    ]
    return min(fitting, key=lambda each: _rank(each[1], header), default=(None, header))[0]


def without_spare_projectors(files: Iterable[Path]) -> list[Path]:
    """Return the files of a folder with the best of its projectors only."""
    paths = list(files)
    projectors = list(_projectors(path for path in paths if "mmproj" in path.name.lower()))
    if len(projectors) < 2:
        return paths
    best = min(projectors, key=lambda each: _rank(each[1], each[1]))[0]
    spare = {path for path, _ in projectors} - {best}
    return [path for path in paths if path not in spare]


def _projectors(paths: Iterable[Path]) -> Iterable[tuple[Path, Header]]:
    for path in paths:
        try:
            header = check_file(path)
        except GgufError:
            continue  # half a download does not stand in the way of the model
        if header.is_projector:
            yield path, header


def _fits(projector: Header, model: Header) -> bool:
    width = model.embedding_length
    told = {projector.value(f"clip.{kind}.projection_dim", 0) for kind in ("vision", "audio")}
    # Old LLaVA files tell the width inside CLIP there; their last matrix has the right one.
    put_out = {
        tensor.shape[1]
        for tensor in projector.tensors
        if tensor.name.startswith("mm.") and len(tensor.shape) == 2
    }
    return width > 0 and width in told | put_out


def _rank(projector: Header, model: Header) -> tuple[bool, int]:
    same_model = projector.value("general.basename", "") == model.value("general.basename", "")
    label = projector.quantization
    return not same_model, (_BEST_FIRST.index(label) if label in _BEST_FIRST else len(_BEST_FIRST))
