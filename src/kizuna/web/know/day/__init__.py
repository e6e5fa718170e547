"""My day: which accounts need their owner today, and why."""
