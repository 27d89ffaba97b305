"""A live view of the running city for a terminal."""
