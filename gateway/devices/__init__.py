"""Which devices a city has, what they may say, and how each of them is."""
