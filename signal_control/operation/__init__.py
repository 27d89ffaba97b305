"""Who may decide at an intersection now: modes, operators' orders, and the ladder to the local plan."""
