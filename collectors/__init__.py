"""Bytes from the street become Readings; nothing here imports another room."""
