"""Readings come to rest: spool, writer, stores, and reading back."""
