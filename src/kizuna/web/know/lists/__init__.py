"""Lists of customers that people keep, and what they do to a whole list at once."""
