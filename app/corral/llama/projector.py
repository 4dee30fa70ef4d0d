"""The eyes and ears of a model: a projector turns pictures and sounds into its embeddings."""

import ctypes
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corral.errors import ExternalError, UserError
from corral.gguf.check import check_file
from corral.gguf.header import Header
from corral.llama.library import LlamaLibrary
from corral.llama.media import Embeddings, Media, MediaChunk, MediaParts, Picture
from corral.llama.model import Model
from corral.llama.mtmd import mtmd_of

TEXT, IMAGE = 0, 1
# Looked at once, a picture needs not be looked at again when what stands before it changes.
KEPT_BYTES = 64 * 1024**2
KEPT_LAYOUTS = 1024
# A picture this large makes as many tokens as the projector ever makes of one.
LARGE_SIDE = 8192


class Projector:
    """One loaded projector: the owner of an `mtmd_context`.

    Attributes:
        path: The file it came from.
        can_see: Whether it takes pictures.
        can_hear: Whether it takes sounds.
        sample_rate: Samples per second of the sounds that it takes, 0 for none.
        weights_bytes: What its weights take.
        is_on_gpu: Whether they are on a GPU.

    Thread: the engine thread of the model it belongs to.
    """

    def __init__(
        self, library: LlamaLibrary, model: Model, path: Path, *, n_threads: int, n_ubatch: int
    ) -> None:
        """Load a projector.

        Args:
            library: llama.cpp.
            model: The text model.
            path: The file.
            n_threads: Threads to compute with.
            n_ubatch: Most tokens that the text model computes at once.

        Raises:
            UserError: If it is not there, or belongs to another model.
            ExternalError: If it is damaged, or llama.cpp refuses it.
        """
        header = check_file(path)  # before llama.cpp sees it
        self.path = path
        self._library = library
        self._mtmd: Any = mtmd_of(library)
        self._model = model
        self._width: int = library.api.llama_model_n_embd_inp(model.pointer)
        self._n_threads = n_threads
        self._layouts: OrderedDict[str, MediaParts] = OrderedDict()
        self._kept: OrderedDict[tuple[str, int], Embeddings] = OrderedDict()
        self._read: tuple[str, int] | None = None
        self.weights_bytes = sum(tensor.size_bytes for tensor in header.tensors)
        self.is_on_gpu = False
        self._pointer = self._open(header)
        if self._is_whole(None) and self._most_tokens() > n_ubatch:
            self.close()
            self._pointer = self._open(header, most_tokens=n_ubatch)
        self.can_see: bool = self._mtmd.mtmd_support_vision(self._pointer)
        self.can_hear: bool = self._mtmd.mtmd_support_audio(self._pointer)
        self.sample_rate = max(0, self._mtmd.mtmd_get_audio_sample_rate(self._pointer))
        self._has_rows: bool = self._mtmd.mtmd_decode_use_mrope(self._pointer)

    def layout(self, media: Media) -> MediaParts:
        """Return what the model will read for a picture or sound; nothing is computed yet.

        Raises:
            UserError: If this projector has no eyes, or no ears.
            ExternalError: If llama.cpp cannot prepare it.
        """
        self._require(media)
        if media.digest not in self._layouts:
            with self._chunks(media, is_empty=True) as chunks:
                self._layouts[media.digest] = self._parts(media, chunks)
            if len(self._layouts) > KEPT_LAYOUTS:
                self._layouts.popitem(last=False)
        return self._layouts[media.digest]

    def embed(self, chunk: MediaChunk) -> Embeddings:
        """Return what a chunk looks like to the model; that takes its time.

        Raises:
            ExternalError: If llama.cpp cannot compute it.
        """
        key = (chunk.source.digest, chunk.index)
        if key not in self._kept:
            self._keep(key, self._encode(chunk))
        self._kept.move_to_end(key)
        return self._kept[key]

    def close(self) -> None:
        """Free it; before the text model."""
        self._forget_read()
        if self._pointer:
            self._mtmd.mtmd_free(self._pointer)
            self._pointer = 0

    def _open(self, header: Header, most_tokens: int = -1) -> int:
        mark = self._library.log.mark()
        uses_gpu = self._model.n_gpu_layers > 0
        # One that the GPU has no room for works on the CPU, more slowly.
        for on_gpu in (True, False) if uses_gpu else (False,):
            params = self._mtmd.mtmd_context_params_default()
            params.use_gpu, params.n_threads, params.warmup = on_gpu, self._n_threads, False
            params.image_max_tokens = most_tokens
            pointer = self._mtmd.mtmd_init_from_file(
                os.fsencode(self.path), self._model.pointer, params
            )
            if pointer:
                self.is_on_gpu = on_gpu
                return int(pointer)
        raise self._refusal(header, self._library.log.complaints(mark))

    def _refusal(self, header: Header, said: str) -> UserError | ExternalError:
        widths = {
            header.value(f"clip.{kind}.projection_dim", 0) for kind in ("vision", "audio")
        } - {0}
        if "mismatch" in said and widths and self._width not in widths:
            told = " and ".join(str(width) for width in sorted(widths))
            return UserError(
                f"The projector{_called(self.path)} belongs to another model: its embeddings have "
                f"{told} numbers, those of {_model_name(self._model.path)} have {self._width}.",
                detail=said,
                hint="Use the projector that was published with the model.",
            )
        reason = next((line for line in said.split("\n") if "error" in line), said) or "no reason"
        return ExternalError(
            f"llama.cpp refuses the projector{_called(self.path)}: {reason}.",
            detail=said,
            hint="The file may be damaged, or of a kind that this llama.cpp does not know.",
        )

    def _require(self, media: Media) -> None:
        is_picture = isinstance(media, Picture)
        if self.can_see if is_picture else self.can_hear:
            return
        sense, thing = ("see pictures", "hears") if is_picture else ("hear sounds", "sees")
        raise UserError(
            f"Its projector only {thing}: {_model_name(self._model.path)} cannot {sense}.",
            hint="Choose another model.",
        )

    def _is_whole(self, chunk: int | None) -> bool:
        return bool(self._mtmd.mtmd_decode_use_non_causal(self._pointer, chunk))

    def _most_tokens(self) -> int:
        """Return how many tokens a chunk of a very large picture has."""
        picture = Picture(digest="", width=LARGE_SIDE, height=LARGE_SIDE, rgb=b"")
        with self._chunks(picture, is_empty=True) as chunks:
            return max(
                (self._mtmd.mtmd_input_chunk_get_n_tokens(each) for each in self._each(chunks)),
                default=0,
            )

    @contextmanager
    def _chunks(self, media: Media, *, is_empty: bool) -> Iterator[int]:
        """Cut a picture or sound into chunks; an empty one has its size alone."""
        chunks = self._tokenize(media, is_empty=is_empty)
        try:
            yield chunks
        finally:
            self._mtmd.mtmd_input_chunks_free(chunks)

    def _tokenize(self, media: Media, *, is_empty: bool) -> int:
        mtmd, mark = self._mtmd, self._library.log.mark()
        bitmap = _bitmap(mtmd, media, is_empty=is_empty)
        chunks = mtmd.mtmd_input_chunks_init()
        part = mtmd.mtmd_input_part(None, bitmap)
        parts = (ctypes.POINTER(mtmd.mtmd_input_part) * 1)(ctypes.pointer(part))
        result = mtmd.mtmd_tokenize_from_parts(self._pointer, chunks, parts, 1, False)  # noqa: FBT003 (C call)
        mtmd.mtmd_bitmap_free(bitmap)
        if result == 0:
            return int(chunks)
        mtmd.mtmd_input_chunks_free(chunks)
        said = self._library.log.complaints(mark)
        raise ExternalError(
            f"llama.cpp could not prepare a {_size(media)}: {said or 'no reason given'}.",
            detail=said,
        )

    def _each(self, chunks: int) -> list[int]:
        count = self._mtmd.mtmd_input_chunks_size(chunks)
        return [self._mtmd.mtmd_input_chunks_get(chunks, index) for index in range(count)]

    def _parts(self, media: Media, chunks: int) -> MediaParts:
        parts: list[tuple[int, ...] | MediaChunk] = []
        for index, chunk in enumerate(self._each(chunks)):
            if self._mtmd.mtmd_input_chunk_get_type(chunk) == TEXT:
                parts.append(self._text(chunk))
                continue
            parts.append(
                MediaChunk(
                    source=media,
                    index=index,
                    n_tokens=self._mtmd.mtmd_input_chunk_get_n_tokens(chunk),
                    n_positions=self._mtmd.mtmd_input_chunk_get_n_pos(chunk),
                    is_whole=self._is_whole(chunk),
                )
            )
        return tuple(parts)

    def _text(self, chunk: int) -> tuple[int, ...]:
        count = ctypes.c_size_t()
        tokens = self._mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(count))
        found = tuple(tokens[: count.value])
        if any(token < 0 for token in found):
            raise UserError(
                f"The projector{_called(self.path)} announces pictures with tokens that "
                f"{_model_name(self._model.path)} "
                "does not have: it belongs to another model.",
                hint="Use the projector that was published with the model.",
            )
        return found

    def _encode(self, chunk: MediaChunk) -> Embeddings:
        import numpy as np  # lazy: 0.1 s, and only those who look at pictures need it

        mtmd, mark = self._mtmd, self._library.log.mark()
        pointer = self._each(self._chunks_of(chunk.source))[chunk.index]
        n_tokens = mtmd.mtmd_input_chunk_get_n_tokens(pointer)
        if n_tokens != chunk.n_tokens or mtmd.mtmd_encode_chunk(self._pointer, pointer) != 0:
            said = self._library.log.complaints(mark)
            raise ExternalError(
                f"llama.cpp could not look at a {_size(chunk.source)} ({n_tokens} tokens, "
                f"{chunk.n_tokens} expected).",
                detail=said,
            )
        found = mtmd.mtmd_get_output_embd(self._pointer)
        rows = np.ctypeslib.as_array(found, shape=(n_tokens * self._width,)).copy()
        return Embeddings(
            rows=rows,
            width=self._width,
            offsets=self._offsets(pointer, n_tokens) if self._has_rows else None,
            is_whole=self._is_whole(pointer),
        )

    def _offsets(self, chunk: int, n_tokens: int) -> tuple[Any, Any]:
        """Return where tokens stand when the chunk begins at 0 and at 1; the rest is a line."""
        import numpy as np  # lazy: as above

        mtmd = self._mtmd
        if mtmd.mtmd_input_chunk_get_type(chunk) != IMAGE:
            line = np.tile(np.arange(n_tokens), (4, 1))
            return line, line + 1
        image = mtmd.mtmd_input_chunk_get_tokens_image(chunk)
        found = []
        for begin in (0, 1):
            places = (mtmd.mtmd_decoder_pos * n_tokens)()
            mtmd.mtmd_helper_image_get_decoder_pos(image, begin, places)
            found.append(np.array([(each.t, each.y, each.x, each.z) for each in places]).T)
        return found[0], found[1]

    def _chunks_of(self, media: Media) -> int:
        """Return the chunks of what is being looked at; the last one's are kept until the next."""
        if self._read is None or self._read[0] != media.digest:
            self._forget_read()
            self._read = media.digest, self._tokenize(media, is_empty=False)
        return self._read[1]

    def _forget_read(self) -> None:
        if self._read:
            self._mtmd.mtmd_input_chunks_free(self._read[1])
        self._read = None

    def _keep(self, key: tuple[str, int], found: Embeddings) -> None:
        self._kept[key] = found
        while len(self._kept) > 1 and sum(e.size_bytes for e in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


def _bitmap(mtmd: Any, media: Media, *, is_empty: bool) -> int:
    """Return a `mtmd_bitmap`, which holds a copy; an empty one has its size alone."""
    if isinstance(media, Picture):
        pixels = None if is_empty else _pointer(media.rgb, ctypes.c_uint8)
        return int(mtmd.mtmd_bitmap_init(media.width, media.height, pixels))
    samples = None if is_empty else _pointer(media.samples, ctypes.c_float)
    return int(mtmd.mtmd_bitmap_init_from_audio(len(media.samples) // 4, samples))


def _pointer(data: bytes, kind: Any) -> Any:
    return ctypes.cast(ctypes.c_char_p(data), ctypes.POINTER(kind))


def _size(media: Media) -> str:
    if isinstance(media, Picture):
        return f"picture of {media.width} x {media.height} pixels"
    return f"sound of {len(media.samples) // 4 / media.rate:.1f} seconds"


def _called(path: Path) -> str:
    """Return a file's name behind a blank; blobs have none that says anything."""
    return "" if path.name.startswith("sha256-") else f" {path.name}"


def _model_name(path: Path) -> str:
    return _called(path).strip() or "the model"
