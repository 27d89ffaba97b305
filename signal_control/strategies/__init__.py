"""Strategies, one file each: a View of the intersection in, a Proposal out. The folder is the registry."""
