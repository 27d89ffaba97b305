"""Measures of the stored events, for people: on the terminal and as files."""
