"""Choosing a machine that is not there."""
