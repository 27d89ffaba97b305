"""Other programs that arterial starts: brokers, the demo's street."""
