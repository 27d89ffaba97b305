"""Readings become green times: pure functions of events and time."""
