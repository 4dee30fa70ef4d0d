import threading

import pytest

from corral.llama.library import LlamaLibrary
from corral.llama.model import Model, load_model
from corral.llama.vocabulary import PIECE_BYTES
from corral.plan.options import LoadOptions
from helpers.models import gemma3_path


def tokenize(model: Model, text: str, **flags: bool) -> list[int]:
    flags = {"add_special": False, "parse_special": True} | flags
    return model.vocabulary.tokenize(text, **flags)


@pytest.mark.parametrize("text", ["Hello there", "", "naïve café\n\n\tx", "🦜 漢字", "a\0b"])
def test_text_survives_the_way_to_tokens_and_back(model: Model, text: str) -> None:
    assert model.vocabulary.text(tokenize(model, text)) == text


def test_control_tokens_are_read_only_when_asked_for_and_say_nothing(model: Model) -> None:
    assert len(tokenize(model, "<|im_end|>")) == 1
    assert len(tokenize(model, "<|im_end|>", parse_special=False)) > 1
    assert model.vocabulary.text(tokenize(model, "<|im_start|>")) == ""


def test_pieces_are_text_bytes_or_the_end(model: Model) -> None:
    assert model.vocabulary.piece(tokenize(model, " the")[0]) == " the"
    pieces = [model.vocabulary.piece(token) for token in tokenize(model, "🦜")]
    assert all(isinstance(piece, bytes) for piece in pieces)
    assert b"".join(pieces).decode() == "🦜"
    assert model.vocabulary.piece(tokenize(model, "<|im_end|>")[0]) is None


def test_a_lone_surrogate_does_not_stop_anything(model: Model) -> None:
    assert model.vocabulary.text(tokenize(model, "a\ud800b")) == "a?b"


def test_a_piece_longer_than_the_buffer_comes_whole(library: LlamaLibrary) -> None:
    gemma = load_model(library, gemma3_path(), LoadOptions(), lambda _percent: True)
    try:
        assert gemma.vocabulary.piece(14_443) == " পাকিস্তানের"
        assert len(" পাকিস্তানের".encode()) > PIECE_BYTES
        assert gemma.vocabulary.adds_bos
        tokens = tokenize(gemma, "Hello", add_special=True)
        assert gemma.vocabulary.bos_token == "<bos>"
        assert tokens[0] == tokenize(gemma, "<bos>")[0]
    finally:
        gemma.close()


def test_a_run_of_a_million_letters_is_survived(model: Model) -> None:
    found: list[int] = []
    before = threading.stack_size(512 * 1024**2)
    thread = threading.Thread(target=lambda: found.extend(tokenize(model, "a" * 1_000_000)))
    thread.start()
    threading.stack_size(before)
    thread.join()
    assert model.vocabulary.text(found) == "a" * 1_000_000
