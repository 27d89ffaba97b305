"""Measures of signal performance, one file each, pure functions over high-resolution events."""
