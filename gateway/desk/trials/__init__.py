"""Trials: another plan or strategy on the traffic of a day that was, in SUMO."""
