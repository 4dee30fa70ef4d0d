"""From the bytes of tokens to the events of a reply."""

import codecs
from collections.abc import Callable

from corral.engine.request import GenerationRequest
from corral.events import Event, TextAdded, TextKind
from corral.prompt.splitter import Piece
from corral.prompt.stop import StopSearch


class Reply:
    """The text of one reply while it grows.

    Bytes are held back until they make whole characters, text while it may become a stop string or
    a tag around thinking or a tool call.

    Thread: the engine thread.
    """

    def __init__(
        self,
        request: GenerationRequest,
        put_text: Callable[[str, TextKind], None],
        put: Callable[[Event], None],
    ) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._has_half = False
        self._search = StopSearch(request.stops) if request.stops else None
        self._splitter = request.splitter
        self._put_text = put_text
        self._put = put

    def feed(self, piece: str | bytes) -> bool:
        """Take what the next token adds; return whether a stop string was found."""
        if self._has_half or isinstance(piece, bytes):
            piece = self._decode(piece)
        return bool(piece) and self._search_text(piece)

    def close(self) -> None:
        """Give out what was held back: no more comes."""
        self._search_text(self._decoder.decode(b"", final=True))
        if self._search and (held := self._search.flush()):
            self._split(held)
        if self._splitter:
            self._put_all(self._splitter.flush())

    def _decode(self, piece: str | bytes) -> str:
        text = self._decoder.decode(piece.encode() if isinstance(piece, str) else piece)
        self._has_half = bool(self._decoder.getstate()[0])
        return text

    def _search_text(self, text: str) -> bool:
        is_hit = False
        if self._search:
            text, is_hit = self._search.feed(text)
        if text:
            self._split(text)
        return is_hit

    def _split(self, text: str) -> None:
        if self._splitter:
            self._put_all(self._splitter.feed(text))
        else:
            self._put_text(text, TextKind.ANSWER)

    def _put_all(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, TextAdded):
                self._put_text(piece.text, piece.kind)
            else:
                self._put(piece)
