"""GGUF files: fast header, tensor table, full check, header cache, header-only copies.

Everything in a model file is foreign: each count is held against what the file can still contain
and against a limit of our own before anything is built from it.
"""
