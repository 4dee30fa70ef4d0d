"""Finding, downloading and uploading models in the window, on a small hub of our own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)

from corral.gui.hub.page import HubPage
from corral.gui.hub.upload_dialog import UploadDialog
from corral.gui.main_window import MainWindow
from corral.gui.theme.theme import Theme
from corral.gui.transfers.page import TransfersPage
from corral.hub.huggingface.tokens import TokenHome
from corral.places import find_places
from corral.units import count
from corral.workbench.modelling import open_library
from corral.workbench.transfer import TransferState
from corral.workbench.workbench import Workbench, open_workbench
from helpers.fake_hub import FakeHub, fake_hub
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_model, tiny_tensors
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

TINY = gguf_bytes(tiny_metadata(), tiny_tensors())
BIG = TINY + bytes(4_000_000)
# huggingface_hub 2.4 uses an old name of its HTTP client's.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CARD = b"# Tiny\nA model <img src=/etc/passwd> that says little.\n"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        facts = {"tags": ["gguf"], "downloads": 12_345, "likes": 6}
        files = {"tiny-Q4_0.gguf": TINY, "tiny-F16.gguf": BIG, "README.md": CARD}
        hub.add("someone/tiny-GGUF", files, **facts)
        hub.add("someone/other-GGUF", {"other-Q4_0.gguf": TINY}, tags=["gguf"], downloads=1)
        yield hub
    from huggingface_hub.utils import close_session

    close_session()


@asynccontextmanager
async def opened(theme: Theme, hub: FakeHub) -> AsyncIterator[tuple[MainWindow, Workbench]]:
    async with open_workbench(find_places()) as workbench:
        workbench.settings.change(hub_endpoint=hub.endpoint)
        window = MainWindow(workbench, theme)
        window.resize(1400, 850)
        window.show()
        await window.start(None)
        try:
            yield window, workbench
        finally:
            window.close()
            await window.closed.wait()
            discard(window)


def page_of(window: MainWindow, kind: type[QWidget]) -> QWidget | None:
    return next((page for page in window.findChildren(kind) if page.isVisible()), None)


async def hub_page(window: MainWindow) -> HubPage:
    press(
        window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    )
    page = await until(lambda: page_of(window, HubPage), "the page that finds models")
    assert isinstance(page, HubPage)
    return page


def cells(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def fit_tips(view: QTableView) -> list[str]:
    model, tip = view.model(), Qt.ItemDataRole.ToolTipRole
    return [str(model.index(row, 2).data(tip) or "") for row in range(model.rowCount())]


async def search(page: HubPage, text: str) -> QTableView:
    field = part(page, QLineEdit, "hubSearch")
    write(field, text)
    press(field, Qt.Key.Key_Return)
    view = part(page, QTableView, "hubResults")
    await until(lambda: cells(view), "results")
    return view


async def open_tiny(page: HubPage) -> QTableView:
    results = await search(page, "tiny")
    results.setCurrentIndex(results.model().index(0, 0))
    await until(
        lambda: (
            page.findChild(QTableView, "quants").isVisible()
            and len(cells(page.findChild(QTableView, "quants"))) == 2
        ),
        "the models of the repository",
    )
    return part(page, QTableView, "quants")


def dialog_of(window: MainWindow) -> QDialog | None:
    return next((each for each in window.findChildren(QDialog) if each.isVisible()), None)


@on_the_loop
async def test_a_form_is_wide_enough_for_its_words_however_large_the_text_is(theme: Theme) -> None:
    theme.set_zoom(200)
    parent = QWidget()
    try:
        dialog = UploadDialog(parent, [])
        dialog.show()
        box = part(dialog, QCheckBox)
        assert box.width() >= box.sizeHint().width()
    finally:
        theme.set_zoom(100)
        discard(parent)


@on_the_loop
async def test_nothing_is_asked_before_a_search_and_a_model_is_found_with_its_fit(
    theme: Theme, corral_home: Path, hub: FakeHub
) -> None:
    async with opened(theme, hub) as (window, workbench):
        page = await hub_page(window)
        await asyncio.sleep(0.1)
        assert hub.seen == []
        assert "Nothing is asked" in words(page)
        results = await search(page, "tiny")
        assert cells(results)[0][:2] == ["someone/tiny-GGUF", count(12_345)]
        quants = await open_tiny(page)
        await until(lambda: all(row[2] for row in cells(quants)), "fits")
        assert [row[0] for row in cells(quants)] == ["Q4_0", "F16"]
        assert {row[2] for row in cells(quants)} <= {"fits", "fits, estimated"}
        quants.setCurrentIndex(quants.model().index(1, 0))
        await until(lambda: cells(quants)[1][2] == "fits", "the second one's own header is read")
        title = "PLAN FOR HF.CO/SOMEONE/TINY-GGUF:F16 · ON HUGGING FACE"
        await until(lambda: title in words(window), "its plan before it is downloaded")
        asked = len(hub.seen)
        assert not any(box.isVisible() for box in window.findChildren(QPushButton, "loadButton"))
        here = await workbench.planning.machine_when_free()
        workbench.planning.machines.choose("RTX 4090", here)
        await until(lambda: "Fits are planned on RTX 4090" in words(page), "the other machine")
        await until(
            lambda: "on the GPU" in words(window) and "Planned on RTX 4090" in words(window),
            "its plan there",
        )
        await until(lambda: "CUDA0" in str(fit_tips(quants)[1]), "its fit there")
        assert not [seen for seen in hub.seen[asked:] if seen.method == "GET"], "nothing is fetched"


@on_the_loop
async def test_a_model_is_downloaded_and_then_said_to_be_here(
    theme: Theme, corral_home: Path, hub: FakeHub
) -> None:
    async with opened(theme, hub) as (window, workbench):
        page = await hub_page(window)
        await open_tiny(page)
        click(part(page, QPushButton, "downloadQuant"))
        transfers = await until(lambda: page_of(window, TransfersPage), "the transfers")
        await until(lambda: "done" in words(transfers), "the end of the download")
        names = {model.name for model in await workbench.modelling.list()}
        assert any("tiny-gguf:q4_0" in name.lower() for name in names), names
        quants = part(await hub_page(window), QTableView, "quants")
        await until(lambda: cells(quants)[0][3] == "in the library", "the mark")


@on_the_loop
async def test_a_download_is_paused_and_goes_on_after_a_restart(
    theme: Theme, corral_home: Path, hub: FakeHub
) -> None:
    hub.slow_bytes_per_s = 400_000
    async with opened(theme, hub) as (window, workbench):
        page = await hub_page(window)
        quants = await open_tiny(page)
        quants.setCurrentIndex(quants.model().index(1, 0))
        click(part(page, QPushButton, "downloadQuant"))
        transfers = await until(lambda: page_of(window, TransfersPage), "the transfers")
        bar = await until(lambda: transfers.findChild(QProgressBar), "a bar")
        await until(lambda: bar.maximum() and bar.value() > 5, "progress")
        assert "estimated" in await until(
            lambda: words(transfers) if "left" in words(transfers) else "", "the time left"
        )
        click(part(transfers, QPushButton, text="Pause"))
        await until(lambda: "paused" in words(transfers), "the pause")
    hub.slow_bytes_per_s = 0
    async with opened(theme, hub) as (window, workbench):
        label = await until(
            lambda: [
                b for b in window.statusBar().findChildren(QToolButton) if "paused" in b.text()
            ],
            "the status line tells of it",
        )
        click(label[0])
        transfers = await until(lambda: page_of(window, TransfersPage), "the transfers")
        click(part(transfers, QPushButton, text="Resume"))
        await until(lambda: "done" in words(transfers), "the end of the download")
        (transfer,) = workbench.transferring().transfers
        assert transfer.state is TransferState.DONE
        click(part(transfers, QPushButton, text="Clear the history"))
        await until(lambda: "Nothing was downloaded" in words(transfers), "the empty state")


@on_the_loop
async def test_what_cannot_be_had_says_why(theme: Theme, corral_home: Path, hub: FakeHub) -> None:
    async with opened(theme, hub) as (window, _):
        page = await hub_page(window)
        field = part(page, QLineEdit, "hubSearch")
        write(field, "someone/absent")
        press(field, Qt.Key.Key_Return)
        await until(lambda: "someone/absent" in words(window), "the reason")
        write(part(page, QLineEdit, "pullName"), "http://127.0.0.1:9/a/b:c")
        click(part(page, QPushButton, "pull"))
        transfers = await until(lambda: page_of(window, TransfersPage), "the transfers")
        await until(lambda: "insecure" in words(transfers) or "HTTP" in words(transfers), "why")
        assert part(transfers, QPushButton, text="Try again").isEnabled()


@on_the_loop
async def test_a_token_that_the_hub_refuses_keeps_the_dialog_open(
    theme: Theme, corral_home: Path, hub: FakeHub
) -> None:
    hub.log_in("hf_right", "someone")
    async with opened(theme, hub) as (window, _):
        page = await hub_page(window)
        click(part(page, QPushButton, text="Log in…"))
        dialog = await until(lambda: dialog_of(window), "the dialog")
        homes = part(dialog, QComboBox)
        homes.setCurrentIndex(homes.findData("run"))
        token = part(dialog, QLineEdit)
        write(token, "hf_wrong")
        click(part(dialog, QPushButton, text="Log in"))
        await until(lambda: dialog.findChild(QWidget, "formError").isVisible(), "the reason")
        token.clear()
        write(token, "hf_right")
        click(part(dialog, QPushButton, text="Log in"))
        await until(lambda: dialog_of(window) is None, "the dialog is gone")
        part(page, QPushButton, text="Log out someone")
        assert "hf_right" not in find_places().settings_file.read_text("utf-8")


@on_the_loop
async def test_a_model_is_uploaded(
    theme: Theme, corral_home: Path, tmp_path: Path, hub: FakeHub
) -> None:
    hub.log_in("hf_right", "someone")
    library = open_library(find_places())
    library.import_file(tiny_model(tmp_path / "mine.gguf"), "mine:f32")
    async with opened(theme, hub) as (window, workbench):
        await workbench.discovering.login.log_in("hf_right", TokenHome.RUN)
        window.findChild(QWidget, "tabs").setFocus()
        action = next(
            a
            for a in window.findChildren(type(window.menuBar().actions()[0]))
            if a.objectName() == "upload_model"
        )
        action.trigger()
        dialog = await until(lambda: dialog_of(window), "the dialog")
        assert not part(dialog, QPushButton, text="Upload").isEnabled()
        models = part(dialog, QComboBox)
        models.setCurrentIndex(models.findData("mine:f32"))
        write(part(dialog, QLineEdit), "someone/mine-GGUF")
        click(part(dialog, QPushButton, text="Upload"))
        transfers = await until(lambda: page_of(window, TransfersPage), "the transfers")
        await until(lambda: "done" in words(transfers), "the end of the upload")
        assert "someone/mine-GGUF" in hub.repos
        assert any(name.endswith(".gguf") for name in hub.repos["someone/mine-GGUF"].files)
