"""The vocabulary of a model file, checked as llama.cpp will read it."""

from corral.foreign import safe_line
from corral.gguf.cursor import Cursor
from corral.gguf.errors import DamagedError, UnsupportedError
from corral.gguf.header import TOKENS_KEY, ArrayValue, Header
from corral.gguf.types import ValueType

# The largest known vocabularies have 262,144 tokens.
_MAX_TOKENS = 1 << 20
_MAX_TOKEN_BYTES = 65_535
_MAX_VOCABULARY_BYTES = 1 << 26
_NO_VOCABULARY = ("", "none", "no_vocab")
_SENTENCEPIECE = "llama"


def check_vocabulary(cursor: Cursor, header: Header) -> None:
    """Check that the tokens are there and differ from one another.

    Args:
        cursor: The open file; its place is changed.
        header: The header of that file.

    Raises:
        GgufError: If llama.cpp would refuse the vocabulary or die of it.
    """
    tokens = header.metadata.get(TOKENS_KEY)
    model = header.value("tokenizer.ggml.model", "")
    cursor.what = f"the key '{TOKENS_KEY}'"
    if model in _NO_VOCABULARY or not isinstance(tokens, ArrayValue):
        raise UnsupportedError("The file has no vocabulary: no text can be put into it.")
    if tokens.element_type is not ValueType.STRING or not 1 <= tokens.length <= _MAX_TOKENS:
        raise DamagedError(
            f"The vocabulary must be 1 to {_MAX_TOKENS:,} texts.",
            at=tokens.offset,
            what=cursor.what,
        )
    seen = _read_tokens(cursor, tokens)
    if model == _SENTENCEPIECE:
        _check_bytes(seen)


def _read_tokens(cursor: Cursor, tokens: ArrayValue) -> set[bytes]:
    """Return the tokens as llama.cpp sees them.

    It reads them as C strings, to the first zero byte, and gives empty ones a name. Two of the same
    make it abort.
    """
    seen: set[bytes] = set()
    total_bytes = 0
    cursor.seek(tokens.offset)
    for index, raw in enumerate(cursor.strings(tokens.length, _MAX_TOKEN_BYTES)):
        token = raw.partition(b"\0")[0] if b"\0" in raw else raw
        seen.add(token or b"[EMPTY_%d]" % index)
        total_bytes += len(raw)
        if len(seen) <= index:
            raise _duplicate(cursor, index, token)
        if total_bytes > _MAX_VOCABULARY_BYTES:
            raise DamagedError(
                f"The vocabulary has more than {_MAX_VOCABULARY_BYTES:,} bytes.",
                at=cursor.at,
                what=cursor.what,
            )
    return seen


def _duplicate(cursor: Cursor, index: int, token: bytes) -> DamagedError:
    shown = safe_line(token.decode(errors="replace"), 40)
    return DamagedError(
        f"Token {index:,} of the vocabulary, '{shown}', is there twice.",
        at=cursor.at,
        what=cursor.what,
    )


def _check_bytes(tokens: set[bytes]) -> None:
    """Check what a SentencePiece vocabulary spells unknown characters with."""
    for byte in range(1, 256):
        if b"<0x%02X>" % byte not in tokens and bytes([byte]) not in tokens:
            raise DamagedError(
                f"The vocabulary has no token for the byte {byte:02X}, "
                "which its kind ('llama') needs.",
                what=f"the key '{TOKENS_KEY}'",
            )
