"""SNMP as signal controllers speak it: version 1 over UDP, small, fast and distrustful."""
