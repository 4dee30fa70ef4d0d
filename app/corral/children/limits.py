"""What one child process may take before it is ended."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one child.

    Attributes:
        memory_bytes: Address space, None for no bound (GPU drivers reserve far more than they use).
        call_s: Time one call may take; after it the child is killed.
        output_bytes: Length of one answer on the wire.
        idle_s: The child is ended this long after its last answer; None keeps it.
        niceness: How far it stands back for others, as of `nice`.
    """

    memory_bytes: int | None
    call_s: float
    output_bytes: int
    idle_s: float | None = None
    niceness: int = 0


# A prompt has at most 4 MiB of text; line feeds and quotes take twice their place on the wire.
RENDER_LIMITS = Limits(memory_bytes=512 * MIB, call_s=2.0, output_bytes=8 * MIB)
# The pixels of the largest picture take 256 MB, decoding them about three times that; llama.cpp's
# libraries map a part too.
MEDIA_LIMITS = Limits(memory_bytes=3072 * MIB, call_s=20.0, output_bytes=64 * 1024, idle_s=30.0)
