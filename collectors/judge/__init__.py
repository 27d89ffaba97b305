"""How readings get their flags: what is known of each device, and the rules that use it."""
