"""Conversations on disk: message trees in one SQLite file, written before anything else happens."""
