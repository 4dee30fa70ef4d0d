"""Grammars for constrained output: GBNF checked, JSON schemas translated. Pure."""
