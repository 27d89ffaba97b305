"""Payload formats, one file each: bytes in, plain records out. The folder is the registry."""
