"""Bytes and seconds before they are spent. Pure: no files, no llama.cpp, no clock."""
