"""Ollama's registries: pulling and pushing models. Docker's protocol, with a key as the sign-in."""
