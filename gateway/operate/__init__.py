"""What operators may do to an intersection: change its mode, hold phases, give it back to its cabinet."""
