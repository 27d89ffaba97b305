"""Before and after a change: the same measures at the same weekdays and times, with honest intervals."""
