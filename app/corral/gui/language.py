"""The window's language: Corral's texts and Qt's own, in place before the first widget."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from corral.places import resource_path
from corral.settings import LanguageChoice


def install_language(app: QCoreApplication, choice: LanguageChoice) -> None:
    """Let the window speak; what has no translation file on this machine stays English."""
    language = spoken_language(choice, QLocale.system().uiLanguages())
    if language is not LanguageChoice.EN:
        QLocale.setDefault(QLocale(language))  # the fonts ask it which shapes characters have
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for stem, folder in (("qtbase", qt_folder), ("corral", str(resource_path("translations")))):
        translator = QTranslator(app)
        if translator.load(f"{stem}_{language}", folder):
            app.installTranslator(translator)


def spoken_language(choice: LanguageChoice, wishes: Sequence[str]) -> LanguageChoice:
    """Return the language for a choice.

    Args:
        choice: What the user chose.
        wishes: The system's languages, the dearest first; the first that Corral has counts.
    """
    if choice is not LanguageChoice.SYSTEM:
        return choice
    for locale in map(QLocale, wishes):
        if locale.language() is QLocale.Language.English:
            return LanguageChoice.EN
        if locale.language() is QLocale.Language.Chinese:
            is_traditional = locale.script() is QLocale.Script.TraditionalHanScript
            return LanguageChoice.ZH_TW if is_traditional else LanguageChoice.ZH_CN
    return LanguageChoice.EN
