"""What the city tells its citizens: service messages in CAP and RSS, by hand or from public alarms."""
