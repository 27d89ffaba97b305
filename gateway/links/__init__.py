"""How messages come in and go out: the link, by MQTT and in memory."""
