"""Jobs: what a command or a worker runs from end to end."""
