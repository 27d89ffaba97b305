"""The search behind the look-ahead strategy: what it starts from, the search itself, what it explains."""
