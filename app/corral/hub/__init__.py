"""Models elsewhere: the network, downloads that outlast cuts and restarts, Ollama's registries."""
