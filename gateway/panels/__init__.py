"""The board's last values, one file a panel: readings in, plain JSON-ready dicts out."""
