"""The engineer's desk: one page, one file per view, and the measures behind its charts."""
