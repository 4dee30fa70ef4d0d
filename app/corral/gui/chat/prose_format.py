"""Gives a document made from Markdown the window's look; Qt's own is built for paper."""

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme

MARKDOWN = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
_LINE_HEIGHT_PERCENT = 125.0
_HEADING_FACTORS = (1.35, 1.2, 1.1)  # the levels below are as large as text


def format_document(document: QTextDocument, theme: Theme) -> None:
    """Set margins, line height, headings, inline code, tables; pictures become links."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    document.setIndentWidth(3 * GRID)
    _replace_pictures(document, cursor, theme)
    block = document.begin()
    while block.isValid():
        _format_block(block, cursor, theme)
        _format_letters(block, cursor, theme)
        block = block.next()
    _trim_ends(cursor)
    _format_tables(document.rootFrame(), cursor, theme)
    cursor.endEditBlock()


def _format_block(block: QTextBlock, cursor: QTextCursor, theme: Theme) -> None:
    found = block.blockFormat()
    level = found.headingLevel()
    is_rule = found.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth)
    is_empty = block.length() == 1 and not is_rule
    layout = QTextBlockFormat()
    heights = QTextBlockFormat.LineHeightTypes
    if is_empty:  # Qt puts empty lines around tables
        layout.setLineHeight(1, heights.FixedHeight.value)
    else:
        layout.setLineHeight(_LINE_HEIGHT_PERCENT, heights.ProportionalHeight.value)
    cursor.setPosition(block.position())
    is_tight = is_empty or cursor.currentTable() is not None
    is_inside_list = block.textList() is not None and block.next().textList() is not None
    layout.setTopMargin(GRID if level else 0)
    layout.setBottomMargin(0 if is_tight else GRID // 4 if is_inside_list else GRID)
    if found.hasProperty(QTextFormat.Property.BlockQuoteLevel):
        layout.setLeftMargin(2 * GRID)
        layout.setRightMargin(0)
    if is_rule:
        layout.setBackground(theme.palette.colour(Role.LINE))
    cursor.mergeBlockFormat(layout)


def _format_letters(block: QTextBlock, cursor: QTextCursor, theme: Theme) -> None:
    """Set what headings, links, quotations and code within a line look like."""
    level = block.blockFormat().headingLevel()
    is_quotation = block.blockFormat().hasProperty(QTextFormat.Property.BlockQuoteLevel)
    for start, length, letters in _pieces(block):
        is_code = letters.fontFixedPitch()
        if not (level or is_quotation or is_code or letters.isAnchor()):
            continue
        letters.setFontUnderline(letters.isAnchor())
        if is_code:
            letters.setFont(theme.fonts.code)
        if level:
            factor = _HEADING_FACTORS[level - 1] if level <= len(_HEADING_FACTORS) else 1.0
            letters.clearProperty(QTextFormat.Property.FontSizeAdjustment)
            letters.setFontPointSize(theme.fonts.text.pointSizeF() * factor)
            letters.setFontWeight(theme.fonts.strong.weight().value)
        if is_quotation and not letters.isAnchor():
            letters.setForeground(theme.palette.colour(Role.QUIET))
        _select(cursor, start, length)
        cursor.setCharFormat(letters)


def _replace_pictures(document: QTextDocument, cursor: QTextCursor, theme: Theme) -> None:
    """Show where a picture would come from; nothing is fetched for a model's answer."""
    found = []
    block = document.begin()
    while block.isValid():
        found += [piece for piece in _pieces(block) if piece[2].isImageFormat()]
        block = block.next()
    for start, length, letters in reversed(found):
        address = letters.toImageFormat().name()
        link = QTextCharFormat()
        link.setAnchor(True)
        link.setAnchorHref(address)
        link.setForeground(theme.palette.colour(Role.ACCENT))
        _select(cursor, start, length)
        cursor.insertText(f"[{address}]", link)


def _pieces(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    pieces = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        pieces.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    return pieces


def _select(cursor: QTextCursor, start: int, length: int) -> None:
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)


def _trim_ends(cursor: QTextCursor) -> None:
    """Take the margins off both ends: the column of segments has its own."""
    first, last = QTextBlockFormat(), QTextBlockFormat()
    first.setTopMargin(0)
    last.setBottomMargin(0)
    cursor.setPosition(0)
    cursor.mergeBlockFormat(first)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.mergeBlockFormat(last)


def _format_tables(frame: QTextFrame, cursor: QTextCursor, theme: Theme) -> None:
    for child in frame.childFrames():
        if isinstance(child, QTextTable):
            look = child.format()
            look.setBorder(1)
            look.setBorderBrush(theme.palette.colour(Role.LINE))
            look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBorderCollapse(True)
            look.setCellPadding(GRID // 2)
            look.setCellSpacing(0)
            look.setTopMargin(GRID // 2)
            look.setBottomMargin(GRID)
            look.setWidth(QTextLength(QTextLength.Type.VariableLength, 0))
            look.setAlignment(Qt.AlignmentFlag.AlignLeft)
            child.setFormat(look)
            _format_table_head(child, cursor, theme)
        _format_tables(child, cursor, theme)


def _format_table_head(table: QTextTable, cursor: QTextCursor, theme: Theme) -> None:
    """Make the first row bold; after a quotation Qt forgets the first cell."""
    letters = QTextCharFormat()
    letters.setFontWeight(theme.fonts.strong.weight().value)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        first, last = cell.firstCursorPosition().position(), cell.lastCursorPosition().position()
        _select(cursor, first, last - first)
        cursor.mergeCharFormat(letters)
