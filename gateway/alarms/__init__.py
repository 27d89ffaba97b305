"""What is wrong in the city: rules that notice it, alarms that last as long as it does, and who is told."""
