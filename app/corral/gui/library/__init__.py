"""The left dock: models and chats."""
