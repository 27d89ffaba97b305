"""What people can do with payloads that are not readings."""
