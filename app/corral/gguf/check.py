"""The full check of a model file, before llama.cpp sees it.

llama.cpp refuses most bad files by itself, but some make it end the whole process. Nothing that can
do so gets past this check as far as it can be told from the file; the rest is the pre-flight's.
"""

import re
from pathlib import Path

from corral.foreign import safe_line
from corral.gguf.adapter import check_adapter
from corral.gguf.cursor import open_cursor
from corral.gguf.errors import DamagedError, TruncatedError, UnsupportedError
from corral.gguf.header import Header
from corral.gguf.limits import check_limits
from corral.gguf.reader import read_header, read_header_at
from corral.gguf.shards import join_headers, shard_paths
from corral.gguf.types import TensorType
from corral.gguf.vocabulary import check_vocabulary
from corral.units import file_size

# Types of other programs, or of results on the way: no weights for llama.cpp.
_NEVER_COMPUTED = (
    *(TensorType.I8, TensorType.I16, TensorType.I32, TensorType.I64, TensorType.F64),
    *(TensorType.Q8_1, TensorType.Q8_K),
)
# What is added or scaled with value by value, also where it has more than one dimension.
_ADDED = re.compile(
    r"norm|\.bias$|lerp\w*\.weight$|ssm_[ad]$|ssm_conv1d\w*\.weight$"
    r"|shortconv\.conv\.weight$|time_mix_(first|decay)\.weight$"
)
# Tables of token and expert numbers.
_NUMBERED = re.compile(r"(^|\.)(d2t|t2d)$|tid2eid")


def check_file(path: Path) -> Header:
    """Read and check a whole model, adapter or projector file.

    The weights themselves are not read.

    Returns:
        The header.

    Raises:
        GgufError: If the file is damaged, incomplete, one of several, or would crash llama.cpp.
        UserError: If there is no such file.
        ExternalError: If it cannot be read.
    """
    with open_cursor(path) as cursor:
        header = read_header_at(cursor)
        _check_is_whole(header)
        check_tensors(header)
        if header.is_adapter:
            check_types(header)
            check_adapter(cursor)
        elif not header.is_projector:
            check_types(header)
            check_limits(header)
            check_vocabulary(cursor, header)
    return header


def check_model(path: Path) -> Header:
    """Read and check a model that may be split over several files, as `check_file` does.

    Args:
        path: The file, or the first of them.

    Returns:
        The header of the whole model.

    Raises:
        GgufError: If one is damaged or incomplete, they do not belong together, or they would
            crash llama.cpp.
        UserError: If one is not there.
        ExternalError: If one cannot be read.
    """
    shards = shard_paths(path)
    if not shards or read_header(path).split_count == 1:  # its name alone does not make it split
        return check_file(path)
    header = join_headers([_checked_shard(shard) for shard in shards])
    check_types(header)
    check_limits(header)
    with open_cursor(path) as cursor:
        check_vocabulary(cursor, header)
    return header


def _checked_shard(path: Path) -> Header:
    with open_cursor(path) as cursor:
        header = read_header_at(cursor)
    if header.tensors or header.split_count == 1:  # the first may hold metadata alone
        check_tensors(header)
    return header


def _check_is_whole(header: Header) -> None:
    if header.split_count > 1:
        part = header.value("split.no", 0) + 1
        raise UnsupportedError(
            f"This is file {part} of {header.split_count} of one model, and its name does not "
            "say so.",
            what="the key 'split.count'",
            hint=(
                "Put all of them into one folder, named as they were: "
                f"NAME-{part:05}-of-{header.split_count:05}.gguf."
            ),
        )


def check_tensors(header: Header) -> None:
    """Check that the tensors follow one another and lie inside the file, as llama.cpp demands.

    Raises:
        DamagedError: If they do not follow one another.
        TruncatedError: If the file ends before the last.
    """
    if not header.tensors:
        raise DamagedError("The file has no tensors: it is a vocabulary, not a model.")
    end = 0
    for tensor in header.tensors:
        what = f"the tensor '{safe_line(tensor.name, 80)}'"
        expected = -(-end // header.alignment) * header.alignment
        if not tensor.element_count:
            raise DamagedError(f"In {what} there is not one value.", what=what)
        if tensor.offset != expected:
            raise DamagedError(
                f"The data of {what} should begin at {expected:,}, not at {tensor.offset:,}.",
                at=header.data_offset + tensor.offset,
                what=what,
            )
        end = tensor.offset + tensor.size_bytes
    needed = header.data_offset + end
    if needed > header.file_bytes:
        raise TruncatedError(
            f"The file is incomplete: {_of(header.file_bytes, needed)}.",
            at=header.file_bytes,
            what="the weights",
            hint="Download or copy it again.",
        )


def check_types(header: Header) -> None:
    """Check that llama.cpp can compute with the types that the tensors are stored in.

    It loads a model without asking, and ends the process when it first computes.

    Raises:
        DamagedError: If it cannot.
    """
    for tensor in header.tensors:
        is_vector = len(tensor.shape) == 1 or _ADDED.search(tensor.name) is not None
        if _NUMBERED.search(tensor.name):
            continue
        if tensor.type in _NEVER_COMPUTED or (is_vector and tensor.type is not TensorType.F32):
            what = f"the tensor '{safe_line(tensor.name, 80)}'"
            shape = "x".join(map(str, tensor.shape))
            rule = "what is added or scaled with only as F32" if is_vector else "with no such type"
            raise DamagedError(
                f"T{what[1:]} ({shape}) is stored as {tensor.type.label}; "
                f"llama.cpp computes {rule}.",
                what=what,
            )


def _of(there: int, needed: int) -> str:
    """Return "3.1 of 4.4 GB", with as many digits as it takes to see a difference."""
    if file_size(there) == file_size(needed):
        return f"{there:,} of {needed:,} bytes"
    number, unit = file_size(there).split()
    has_same_unit = file_size(needed).endswith(f" {unit}")
    return f"{number if has_same_unit else file_size(there)} of {file_size(needed)}"
