"""Why did a phase end? Answered from what is stored, and decided again to see that it is the same."""
