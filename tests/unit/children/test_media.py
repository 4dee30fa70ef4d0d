"""Pictures and sounds of strangers are decoded in a child, within limits."""

import random
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from corral.children.limits import MEDIA_LIMITS
from corral.children.media_client import MediaDecoder
from corral.errors import UserError
from corral.llama.exif import orientation_of
from helpers.pictures import bmp_bytes, exif_jpeg_head, png_bytes, png_of, wav_bytes

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def decoder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaDecoder]:
    decoder = MediaDecoder(tmp_path_factory.mktemp("media"))
    yield decoder
    await decoder.close()


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_picture_comes_back_as_pixels(decoder: MediaDecoder) -> None:
    found = await decoder.picture(bmp_bytes([[RED, GREEN, GREY], [BLUE, GREY, GREY]]))

    assert (found.width, found.height) == (3, 2)
    assert found.rgb == bytes((*RED, *GREEN, *GREY, *BLUE, *GREY, *GREY))
    assert len(found.digest) == 64


async def test_what_is_transparent_becomes_white(decoder: MediaDecoder) -> None:
    clear = await decoder.picture(png_bytes(4, 4, alpha=0))
    solid = await decoder.picture(png_bytes(4, 4, alpha=255))

    assert set(clear.rgb) == {255}
    assert solid.rgb == (await decoder.picture(png_bytes(4, 4))).rgb


async def test_long_sides_are_made_smaller(decoder: MediaDecoder) -> None:
    found = await decoder.picture(bmp_bytes([[RED] * 5000] * 4))

    assert (found.width, found.height) == (2500, 2)
    assert set(zip(*[iter(found.rgb)] * 3, strict=True)) == {RED}


async def test_a_sound_comes_back_as_samples(decoder: MediaDecoder) -> None:
    left_and_right = [value for step in range(1000) for value in (16_384, 0)]

    same = await decoder.sound(wav_bytes([8_192] * 1000), 16_000)
    slower = await decoder.sound(wav_bytes([8_192] * 1000, rate=8_000), 16_000)
    mixed = await decoder.sound(wav_bytes(left_and_right, channels=2), 16_000)
    faster = await decoder.sound(wav_bytes([8_192] * 1000), 24_000)

    assert (same.rate, len(same.samples) // 4, len(faster.samples) // 4) == (16_000, 1000, 1500)
    assert abs(len(slower.samples) // 4 - 2000) < 20
    for sound in (same, mixed, faster):
        assert struct.unpack_from("<f", sound.samples, 400)[0] == pytest.approx(0.25, abs=1e-3)


async def test_a_sound_that_is_torn_or_too_long_is_refused(decoder: MediaDecoder) -> None:
    with pytest.raises(UserError, match="no sound that can be decoded"):
        await decoder.sound(b"fLaC" + bytes(40), 16_000)
    with pytest.raises(UserError, match=r"has 1,801 seconds; at most 1,800"):
        await decoder.sound(wav_bytes([0] * 1801 * 100, rate=100), 16_000)


async def test_too_many_pixels_are_refused_before_they_are_decoded(decoder: MediaDecoder) -> None:
    header = struct.pack(">IIBBBBB", 10_000, 8_000, 8, 2, 0, 0, 0)
    bomb = png_of(header, zlib.compress(bytes(1000)))

    with pytest.raises(UserError, match=r"80,000,000 pixels; at most 64,000,000"):
        await decoder.picture(bomb)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"<svg xmlns='x'/>", "SVG"),
        (png_bytes(20, 20)[:60], "no picture that can be decoded"),
        (b"not a picture at all", "no picture that can be decoded"),
    ],
)
async def test_what_cannot_be_decoded_is_said_so(
    decoder: MediaDecoder, data: bytes, words: str
) -> None:
    with pytest.raises(UserError, match=words) as told:
        await decoder.picture(data)
    assert told.value.hint


async def test_damaged_pictures_are_refused_or_shown_and_never_harm(
    decoder: MediaDecoder,
) -> None:
    sound, chance = png_bytes(24, 24), random.Random(7)
    refused = 0
    for _ in range(30):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        try:
            await decoder.picture(bytes(data))
        except UserError:
            refused += 1

    assert refused
    assert (await decoder.picture(sound)).width == 24


async def test_the_child_has_no_more_than_its_memory(tmp_path: Path) -> None:
    limits = replace(MEDIA_LIMITS, memory_bytes=900 * 1024**2)
    decoder = MediaDecoder(tmp_path, limits)
    header = struct.pack(">IIBBBBB", 8000, 8000, 16, 6, 0, 0, 0)  # 512 MB, and their copy
    rows = zlib.compressobj(1)
    data = b"".join([rows.compress(bytes(8000 * 64)) for _ in range(1001)]) + rows.flush()
    try:
        with pytest.raises(UserError):
            await decoder.picture(png_of(header, data))
        assert (await decoder.picture(png_bytes(2, 2))).width == 2
    finally:
        await decoder.close()
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("order", ["<", ">"])
async def test_the_camera_tells_which_way_up_it_was_held(order: str) -> None:
    assert [orientation_of(exif_jpeg_head(held, order)) for held in (1, 6, 8)] == [1, 6, 8]
    assert orientation_of(exif_jpeg_head(6, order)[:20]) == 1
    assert orientation_of(exif_jpeg_head(77, order)) == 1
    assert orientation_of(b"\xff\xd8\xff\xe1\xff\xffExif") == 1
