"""Actions: whatever is done to customers, with those whom chance leaves alone."""
