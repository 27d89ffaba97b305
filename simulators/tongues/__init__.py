"""How foreign devices say what they measured, one file per format. The folder is the registry."""
