"""Cabinet protocols: how a Command reaches the street and the true state comes back."""
