"""What may go with a message, and how it gets there: from files, the clipboard or a drop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from corral.chats.attachment import PICTURE_SUFFIXES, SOUND_SUFFIXES
from corral.gui.async_bridge import show
from corral.library.model import Capability, StoredModel

translate = QCoreApplication.translate

# Kinds of picture files on a clipboard that are taken as they are; nothing is decoded here.
_FILES = ("image/png", "image/jpeg", "image/gif", "image/bmp")


def refusal(model: StoredModel | None, problem: str = "") -> str:
    """Return why nothing can be attached for a model, "" when it can.

    Args:
        model: It, None when it is not in the library.
        problem: What was wrong with its projector when it was loaded, "" for nothing.
    """
    if model is None:
        return translate("Chat", "The model is not in the library.")
    if not can_see(model) and not can_hear(model):
        return translate("Chat", "This model has no projector: it cannot see or hear.")
    return problem


def can_see(model: StoredModel) -> bool:
    """Whether a model takes pictures."""
    return bool(model.projectors) and Capability.VISION in model.capabilities


def can_hear(model: StoredModel) -> bool:
    """Whether a model takes sounds."""
    return bool(model.projectors) and Capability.AUDIO in model.capabilities


async def choose_files(parent: QWidget, model: StoredModel) -> list[Path]:
    """Let files be chosen that the model can see or hear."""
    dialog = QFileDialog(parent, translate("Chat", "Attach pictures or sounds"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    suffixes = (PICTURE_SUFFIXES if can_see(model) else ()) + (
        SOUND_SUFFIXES if can_hear(model) else ()
    )
    names = " ".join(f"*{suffix}" for suffix in suffixes)
    known = translate("Chat", "Pictures and sounds (%1)").replace("%1", names)
    dialog.setNameFilters([known, translate("Chat", "All files (*)")])
    try:
        if await show(dialog) == QFileDialog.DialogCode.Accepted:
            return [Path(name) for name in dialog.selectedFiles()]
        return []
    finally:
        dialog.deleteLater()


def files_in(source: QMimeData) -> list[Path]:
    """Return the files of this computer that were dropped or pasted."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


def picture_in(source: QMimeData) -> bytes:
    """Return a pasted picture as a file, empty when there is none."""
    for kind in _FILES:
        if source.hasFormat(kind):
            return bytes(source.data(kind).data())
    image = source.imageData()
    return _as_png(image) if isinstance(image, QImage) else b""


def _as_png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())
