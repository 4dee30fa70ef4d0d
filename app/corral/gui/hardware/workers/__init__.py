"""RPC workers in the window: which there are, and whether they answer."""
