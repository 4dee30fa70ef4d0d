"""Models on disk: names, manifests, blobs, import, create, copy, remove and restore.

The store has Ollama's layout and bytes, so that either program can read what the other wrote.
"""
