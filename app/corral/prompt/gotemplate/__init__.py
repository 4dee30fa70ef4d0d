"""Ollama's TEMPLATE: Go's text/template language with Ollama's functions. Pure, and bounded."""
