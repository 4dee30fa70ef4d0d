"""The chat view: messages drawn as columns of small widgets."""
