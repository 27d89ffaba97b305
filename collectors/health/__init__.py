"""How well devices are: faults they show, and silence, theirs or their feed's."""
