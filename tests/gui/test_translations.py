"""The window's texts in all its languages: complete, and shown."""

import ast
import asyncio
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QListView, QWidget

import corral
from corral.gui import async_bridge, language
from corral.gui.language import install_language, spoken_language
from corral.gui.main_window import MainWindow
from corral.gui.modelfile import phrases as modelfile_phrases
from corral.gui.modelfile.hint_wording import hint_text
from corral.gui.modelfile.spec_wording import spec_text
from corral.gui.service_phrases import PHRASES, translated
from corral.gui.theme.theme import Theme
from corral.gui.widgets.message_bar import MessageBar
from corral.hardware.machine import _VENDORS, _missing_gpu
from corral.modelfile.catalogue import INSTRUCTIONS, PARAMETERS
from corral.modelfile.hints import hints
from corral.places import find_places
from corral.settings import LanguageChoice
from corral.workbench.workbench import Workbench, open_workbench
from helpers.models import smollm2_path
from helpers.window import discard

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "translations"
PACKAGE = Path(corral.__file__).parent
CHINESE = [LanguageChoice.ZH_TW, LanguageChoice.ZH_CN]
ALL = [*CHINESE, LanguageChoice.EN]
CALLS = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
HAN = re.compile("[一-鿿]")
# What may stand in a Chinese window without a Chinese character.
NAMES = re.compile(r"Corral|English|Modelfile|smollm2:135m( ▾)?")


def messages(folder: Path, chosen: LanguageChoice) -> dict[tuple[str, str], ET.Element]:
    root = ET.parse(folder / f"corral_{chosen}.ts").getroot()
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message
        for context in root.iter("context")
        for message in context.iter("message")
    }


def forms(message: ET.Element) -> list[str]:
    plurals = [form.text or "" for form in message.iter("numerusform")]
    return plurals or [message.findtext("translation", "")]


def texts_in_code() -> Iterator[tuple[str, str]]:
    """Yield file and text of all calls that translate; a text that is not a plain string fails."""
    for file in sorted((PACKAGE / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in CALLS:
                continue
            text = node.args[CALLS[name]]
            if isinstance(text, ast.Constant):
                yield file.name, text.value
            else:
                assert file.name == "service_phrases.py", f"{file}:{node.lineno}"


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The translations after `make translations`, compiled."""
    folder = tmp_path_factory.mktemp("translations")
    for file in FOLDER.glob("*.ts"):
        shutil.copy(file, folder)
    script = ROOT / "packaging" / "translations.py"
    subprocess.run([sys.executable, script, "--update", "--folder", folder], check=True)
    return folder


@pytest.fixture
def quiet_again(qapp: QApplication) -> Iterator[None]:
    """Take the translators away behind a test."""
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(QLocale.system())


def speak(
    chosen: LanguageChoice, folder: Path, app: QApplication, patch: pytest.MonkeyPatch
) -> None:
    patch.setattr(language, "resource_path", lambda _name: folder)
    install_language(app, chosen)


@pytest.mark.parametrize("chosen", ALL)
def test_the_files_have_the_texts_of_the_code(updated: Path, chosen: LanguageChoice) -> None:
    wanted = messages(updated, chosen)
    assert messages(FOLDER, chosen).keys() == wanted.keys(), "run `make translations`"


@pytest.mark.parametrize("chosen", CHINESE)
def test_every_text_of_the_code_is_found(chosen: LanguageChoice) -> None:
    known = {source for _, source in messages(FOLDER, chosen)}
    found = set(texts_in_code())
    assert len(found) > 200
    assert [text for text in found if text[1] not in known] == []


@pytest.mark.parametrize("chosen", ALL)
def test_every_text_is_translated(chosen: LanguageChoice) -> None:
    open_texts = [
        key
        for key, message in messages(FOLDER, chosen).items()
        if message.find("translation[@type]") is not None or not all(forms(message))
    ]
    assert open_texts == []


@pytest.mark.parametrize("chosen", ALL)
def test_a_translation_keeps_placeholders_and_ellipses(chosen: LanguageChoice) -> None:
    def marks(text: str) -> Counter[str]:
        return Counter(re.findall(r"%\d|%n|&|…|\(\*[.\w]*\)", text))

    changed = [
        (source, form)
        for (_, source), message in messages(FOLDER, chosen).items()
        for form in forms(message)
        if marks(source) != marks(form)
    ]
    assert changed == []


@pytest.mark.parametrize("chosen", CHINESE)
def test_a_language_keeps_to_its_own_characters(chosen: LanguageChoice) -> None:
    other = (
        "个为从对开应时样没现种点简让载过这进选错"
        if chosen == "zh_TW"
        else "個為從對開應時樣沒現種點簡讓載過這進選錯"
    )
    shown = "".join(f for message in messages(FOLDER, chosen).values() for f in forms(message))
    assert set(shown) & set(other) == set()


def test_what_services_say_is_listed() -> None:
    said = {spec.help for spec in [*PARAMETERS.values(), *INSTRUCTIONS.values()]}
    said |= {_missing_gpu([vendor]) for vendor in [*_VENDORS, "none"]}
    for file in PACKAGE.rglob("*.py"):
        said |= set(
            re.findall(r'(?:Progress\(phase|Fix\(title|title)="([^"]+)"', file.read_text("utf-8"))
        )
    said |= set(words_of_hints())
    listed = {*PHRASES, *modelfile_phrases.PHRASES}
    assert said - listed == set()
    assert set(modelfile_phrases.PHRASES) - said == {"Use %1", "Add %1"}


def words_of_hints() -> Iterator[str]:
    """Yield what hints say: the texts of `error`, of `warning`, and of "words"."""
    files = sorted((PACKAGE / "modelfile").glob("*hints.py"))
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        match node:
            case ast.Call(func=ast.Attribute(attr="error" | "warning"), args=[said, *_]):
                text = said
            case ast.Assign(targets=[ast.Name(id="words")], value=said):
                text = said
            case _:
                continue
        if isinstance(text, ast.Constant):
            yield text.value


def test_a_phrase_with_a_name_is_translated_around_it(
    qapp: QApplication, updated: Path, quiet_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(LanguageChoice.ZH_TW, updated, qapp, monkeypatch)
    assert translated("Importing a b.gguf") == "正在匯入 a b.gguf"
    assert translated("Copying") == "正在複製"
    assert translated("Something else happened") == "Something else happened"


def test_problems_and_help_of_a_modelfile_are_in_the_windows_language(
    qapp: QApplication, updated: Path, quiet_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(LanguageChoice.ZH_TW, updated, qapp, monkeypatch)
    (hint,) = hints("FROM x\nPARAMETER temprature %1\n")
    assert hint_text(hint) == "不明的參數 temprature。您是指 temperature 嗎？"
    (hint,) = hints("FROM x\nPARAMETER top_k 5000\n")
    assert hint_text(hint) == "top_k 是 5000；合理的值從 0 到 1000。"
    assert hint.fix is not None
    assert translated(hint.fix.title) == "改用 1000"
    assert spec_text(INSTRUCTIONS["SYSTEM"]) == "SYSTEM <text> — 每次對話前先告訴模型的話。"
    assert spec_text(PARAMETERS["num_ctx"]).endswith("預設：自動。 合理範圍：0 到 16777216。")


@pytest.mark.parametrize(
    ("wishes", "spoken"),
    [
        (["zh-Hant-TW", "zh-TW", "zh"], LanguageChoice.ZH_TW),
        (["zh-HK"], LanguageChoice.ZH_TW),
        (["zh-CN"], LanguageChoice.ZH_CN),
        (["zh"], LanguageChoice.ZH_CN),
        (["de-DE", "zh-TW", "en"], LanguageChoice.ZH_TW),
        (["en-US", "zh-TW"], LanguageChoice.EN),
        (["ja-JP"], LanguageChoice.EN),
        (["C"], LanguageChoice.EN),
        ([], LanguageChoice.EN),
    ],
)
def test_the_systems_dearest_language_that_the_window_has_is_spoken(
    wishes: list[str], spoken: LanguageChoice
) -> None:
    assert spoken_language(LanguageChoice.SYSTEM, wishes) is spoken
    assert spoken_language(LanguageChoice.ZH_CN, wishes) is LanguageChoice.ZH_CN


def test_without_translation_files_the_window_is_english(
    qapp: QApplication, tmp_path: Path, quiet_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(LanguageChoice.ZH_TW, tmp_path, qapp, monkeypatch)
    assert QCoreApplication.translate("Actions", "New chat") == "New chat"


def test_english_bends_its_plurals(
    qapp: QApplication, updated: Path, quiet_again: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(LanguageChoice.EN, updated, qapp, monkeypatch)
    told = [QCoreApplication.translate("Counts", "%n day(s) ago", "", n) for n in (1, 2)]
    assert told == ["1 day ago", "2 days ago"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (
            LanguageChoice.ZH_TW,
            {"檔案(&F)", "新對話", "模型庫", "對話", "剛剛", "放得下", "放得下。"},
        ),
        (
            LanguageChoice.ZH_CN,
            {"文件(&F)", "新对话", "模型库", "对话", "刚刚", "放得下", "放得下。"},
        ),
    ],
)
def test_the_window_speaks_chinese_throughout(
    chosen: LanguageChoice,
    words: set[str],
    qapp: QApplication,
    theme: Theme,
    updated: Path,
    quiet_again: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    smollm2_path()  # skips where there is no starter model
    speak(chosen, updated, qapp, monkeypatch)

    async def main() -> set[str]:
        async with open_window(theme) as (window, _):
            with suppress(TimeoutError):
                await asyncio.wait_for(until_said(words, window), 30)
            return texts(window)

    found = async_bridge.run(qapp, main())
    assert words - found == set()
    english = [text for text in found if re.search("[a-z]{3}", text) and not HAN.search(text)]
    assert [text for text in english if not NAMES.fullmatch(text)] == []


def test_a_chosen_language_is_kept_and_told(qapp: QApplication, theme: Theme) -> None:
    async def main() -> None:
        async with open_window(theme) as (window, workbench):
            assert window.findChild(QAction, "language_system").isChecked()
            window.findChild(QAction, "language_zh_CN").trigger()
            assert workbench.settings.current.language is LanguageChoice.ZH_CN
            assert "from the next start on" in window.findChild(MessageBar, "notices").notice_text
            assert not window.findChild(QAction, "language_system").isChecked()

    async_bridge.run(qapp, main())


@asynccontextmanager
async def open_window(theme: Theme) -> AsyncIterator[tuple[MainWindow, Workbench]]:
    async with open_workbench(find_places()) as workbench:
        window = MainWindow(workbench, theme)
        window.show()
        await window.start(None)
        yield window, workbench
        window.close()
        await window.closed.wait()
        discard(window)


async def until_said(words: set[str], window: MainWindow) -> None:
    while not words <= texts(window):  # noqa: ASYNC110 (many widgets, no common signal)
        await asyncio.sleep(0.05)


def texts(window: MainWindow) -> set[str]:
    """Return what the window says: words, tips, names for screen readers, rows."""
    said = {action.text() for action in window.findChildren(QAction)}
    for widget in window.findChildren(QWidget):
        for name in ("text", "toolTip", "accessibleName", "placeholderText"):
            get = getattr(widget, name, str)
            said.add(get() if callable(get) else "")  # else it is what a person wrote
    for view in window.findChildren(QListView):
        model = view.model()
        for number in range(model.rowCount()):
            row = model.index(number, 0).data(Qt.ItemDataRole.AccessibleTextRole) or ""
            said |= set(re.split(" · |, ", row))
    return said
