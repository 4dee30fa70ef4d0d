"""The picture of a plan: bars, the map of layers, and what the context length changes."""
