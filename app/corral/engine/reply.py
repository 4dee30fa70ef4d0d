"""From the bytes of tokens to the events of a reply."""

import codecs
from collections.abc import Callable

from corral.engine.request import GenerationRequest
from corral.events import TextAdded
from corral.prompt.stop import StopSearch


class Reply:
    """The text of one reply while it grows.

    Bytes are held back until they make whole characters, text while it may become a stop string or
    a tag around thinking.

    Thread: the engine thread.
    """

    def __init__(self, request: GenerationRequest, put: Callable[[TextAdded], None]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._search = StopSearch(request.stops) if request.stops else None
        self._splitter = request.splitter
        self._put = put

    def feed(self, piece: bytes) -> bool:
        """Take what the next token adds; return whether a stop string was found."""
        text = self._decoder.decode(piece)
        return bool(text) and self._feed_text(text)

    def close(self) -> None:
        """Give out what was held back: no more comes."""
        self._feed_text(self._decoder.decode(b"", final=True))
        if self._search:
            self._split(self._search.flush())
        if self._splitter:
            self._put_all(self._splitter.flush())

    def _feed_text(self, text: str) -> bool:
        is_hit = False
        if self._search:
            text, is_hit = self._search.feed(text)
        if text:
            self._split(text)
        return is_hit

    def _split(self, text: str) -> None:
        if self._splitter:
            self._put_all(self._splitter.feed(text))
        elif text:
            self._put(TextAdded(text=text))

    def _put_all(self, added: list[TextAdded]) -> None:
        for event in added:
            self._put(event)
