"""NTCIP 1202: what an actuated signal controller says over SNMP, and how arterial asks it for greens."""
