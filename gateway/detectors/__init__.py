"""Detectors over time: which were believed when, kept and asked for."""
