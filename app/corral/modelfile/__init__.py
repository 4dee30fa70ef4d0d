"""Modelfile text: tokens, parser, document, writer, hints, and the catalogue that all share."""
