"""Guessing tokens ahead, so that one batch computes several of a reply."""
