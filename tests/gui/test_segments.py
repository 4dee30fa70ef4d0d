import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from corral.gui.chat.highlighting import code_spans
from corral.gui.chat.markdown_segments import Code, Prose, Thinking
from corral.gui.chat.segments import CodeSegment, ProseSegment, ThinkingSegment
from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme


@pytest.fixture
def place(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    return window


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://localhost:9/x.png", "//localhost/x", "qrc:/x", "/etc"]
)
def test_a_picture_in_an_answer_becomes_a_link_and_is_not_fetched(
    place: QWidget, theme: Theme, address: str
) -> None:
    prose = ProseSegment(theme, parent=place)
    prose.show_segment(Prose(text=f"before ![words]({address}) after"))
    assert prose.toPlainText() == f"before [{address}] after"
    assert prose.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(address)) is None


def test_html_in_an_answer_is_only_text(place: QWidget, theme: Theme) -> None:
    prose = ProseSegment(theme, parent=place)
    prose.show_segment(Prose(text='<img src="file:///x"> <script>1</script> \u202eabc'))
    assert '<img src="file:///x">' in prose.toPlainText()
    assert "\\u202eabc" in prose.toPlainText().replace("\\\\", "\\")


def test_a_link_is_asked_for_and_never_opened(qtbot: QtBot, place: QWidget, theme: Theme) -> None:
    prose = ProseSegment(theme, parent=place)
    prose.show_segment(Prose(text="[harmless.example](https://evil.example/x?a=1)"))
    prose.resize(300, prose.heightForWidth(300))
    prose.show()
    with qtbot.waitSignal(prose.link_requested) as asked:
        qtbot.mouseClick(prose.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert asked.args == ["https://evil.example/x?a=1"]
    assert prose.source().isEmpty()


def test_prose_is_as_high_as_it_needs_at_every_width(place: QWidget, theme: Theme) -> None:
    prose = ProseSegment(theme, parent=place)
    prose.show_segment(Prose(text="word " * 100))
    narrow, wide = prose.heightForWidth(200), prose.heightForWidth(600)
    assert narrow > 2 * wide
    prose.resize(200, narrow)
    prose.show()
    assert prose.verticalScrollBar().maximum() == 0


def test_a_selection_stays_while_the_text_grows(place: QWidget, theme: Theme) -> None:
    prose = ProseSegment(theme, parent=place)
    prose.show_segment(Prose(text="hello world"))
    cursor = prose.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(5, cursor.MoveMode.KeepAnchor)
    prose.setTextCursor(cursor)
    prose.show_segment(Prose(text="hello world and more"))
    assert prose.textCursor().selectedText() == "hello"


def test_code_is_copied_as_it_was_written(qtbot: QtBot, place: QWidget, theme: Theme) -> None:
    code = CodeSegment(theme, parent=place)
    code.show_segment(Code(language="python", text="x = 'é😀'\n\ty", is_closed=True))
    code.show()
    copy = code.findChild(QToolButton)
    assert copy.accessibleName() == "Copy this code"
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "x = 'é😀'\n\ty"
    assert copy.accessibleName() == "Copied"


def test_streamed_code_looks_like_code_that_came_whole(place: QWidget, theme: Theme) -> None:
    text = "def f():\n    return '漢字'  # no\n"
    streamed, whole = CodeSegment(theme, parent=place), CodeSegment(theme, parent=place)
    for end in range(0, len(text), 3):
        streamed.show_segment(Code(language="py", text=text[:end], is_closed=False))
    for segment in (streamed, whole):
        segment.show_segment(Code(language="py", text=text, is_closed=True))
        segment.resize(400, segment.heightForWidth(400))
    assert streamed.heightForWidth(400) == whole.heightForWidth(400)
    assert streamed.grab().toImage() == whole.grab().toImage()


def test_closed_code_is_coloured_and_open_code_is_not(place: QWidget, theme: Theme) -> None:
    code = CodeSegment(theme, parent=place)
    code.show_segment(Code(language="python", text="def f(): pass", is_closed=False))
    assert formats(code) == []
    code.show_segment(Code(language="python", text="def f(): pass", is_closed=True))
    assert (0, 3, theme.palette[Role.ACCENT]) in formats(code)


def formats(code: CodeSegment) -> list[tuple[int, int, str]]:
    block = code.findChild(QPlainTextEdit).document().begin()
    return [
        (span.start, span.length, span.format.foreground().color().name().upper())
        for span in block.layout().formats()
    ]


def test_spans_are_counted_in_utf_16_units() -> None:
    lines = code_spans('"😀" + 1\n2', "python")
    assert [(s.start, s.length) for s in lines[0] if s.role is Role.KV] == [(7, 1)]
    assert [(s.start, s.length) for s in lines[1]] == [(0, 1)]


@pytest.mark.parametrize("language", ["", "no-such-language", "python3 x", "../../etc"])
def test_a_language_that_nobody_knows_is_no_trouble(language: str) -> None:
    assert all(not line for line in code_spans("def f", language))


def test_thinking_is_folded_until_somebody_asks(qtbot: QtBot, place: QWidget, theme: Theme) -> None:
    thinking = ThinkingSegment(theme, parent=place)
    thinking.show_segment(Thinking(text="Hm, **so**.", is_closed=False))
    thinking.show()
    toggle = thinking.findChild(QToolButton)
    assert toggle.text() == "Thinking…"
    folded = thinking.heightForWidth(400)
    with qtbot.waitSignal(thinking.height_changed):
        qtbot.keyClick(toggle, Qt.Key.Key_Space)
    assert thinking.heightForWidth(400) > folded
    assert thinking.findChild(ProseSegment).toPlainText() == "Hm, so."
    thinking.show_segment(Thinking(text="Hm, **so**. Yes.", is_closed=True))
    assert toggle.text() == "Thoughts"
    assert thinking.findChild(ProseSegment).toPlainText() == "Hm, so. Yes."
