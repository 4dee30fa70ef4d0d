"""The page that finds models on Hugging Face and fetches them by name from Ollama's registry."""
