"""The runner threads: models loaded, prompts read, text generated."""
