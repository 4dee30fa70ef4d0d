"""How buffers are padded."""

CPU_ALIGNMENT = 32
GPU_ALIGNMENT = 128

# CUDA and its kin pad the last row of a quantized matrix to this many elements.
_CUDA_ROW = 512
_CUDA_KIN = ("CUDA", "ROCm", "MUSA")


def padded(n: int, multiple: int) -> int:
    """Return the next multiple at or above `n`."""
    return -(-n // multiple) * multiple


def row_padding_bytes(device: str, row: int, block: int, block_bytes: int) -> int:
    """Return what a device adds to a matrix.

    Args:
        device: Its name, as llama.cpp calls it.
        row: Elements of one row.
        block: Elements of one block of the type; 1 for a type that is not quantized.
        block_bytes: Bytes of one block.
    """
    if block == 1 or not device.startswith(_CUDA_KIN):
        return 0
    return -row % _CUDA_ROW // block * block_bytes
