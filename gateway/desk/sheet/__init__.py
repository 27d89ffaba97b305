"""The timing sheet: what an intersection is told, was told before, and what another value would do."""
