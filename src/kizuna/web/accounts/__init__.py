"""People, their roles, and the record of what they did."""
