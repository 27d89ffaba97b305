"""The live board: one page, one websocket, a small HTTP API."""
