"""The rules of alarms: what may be wrong with devices, cabinets, traffic and the program itself."""
