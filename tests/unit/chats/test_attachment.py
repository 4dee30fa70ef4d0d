from pathlib import Path

import pytest

from corral.chats.attachment import AttachmentKind, attach_file
from corral.errors import UserError
from helpers.pictures import png_bytes


def test_a_file_is_attached_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(png_bytes(4, 4))
    (tmp_path / "empty.png").touch()

    assert attach_file(tmp_path / "a.txt").kind is AttachmentKind.PICTURE
    with pytest.raises(UserError, match=r"empty\.png is empty"):
        attach_file(tmp_path / "empty.png")
    with pytest.raises(UserError, match="cannot be read"):
        attach_file(tmp_path / "missing.png")
    with pytest.raises(UserError, match="is no file"):
        attach_file(tmp_path)
    with (tmp_path / "long.png").open("wb") as file:
        file.truncate(100_000_001)
    with pytest.raises(UserError, match="at most 100 MB"):
        attach_file(tmp_path / "long.png")
