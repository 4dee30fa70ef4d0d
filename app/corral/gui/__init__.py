"""The window: PySide6 Widgets over the workbench. The only room that knows Qt."""
