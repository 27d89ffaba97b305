"""How good readings are, and how well the devices are that send them."""
