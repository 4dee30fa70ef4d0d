"""The best ways to load a model, and what it would need."""
