"""Recorded logs, sent as if their cabinets spoke now."""
