"""The contact gate: one decision on whether somebody is contacted now, logged with its reason."""
