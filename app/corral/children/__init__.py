"""Killable child processes: what may loop, crash or eat memory runs here, not beside the window."""
