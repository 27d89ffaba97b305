"""The outside edge: MQTT, HTTP, cabinets, settings, wiring and the command line."""
