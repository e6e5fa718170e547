"""Files of the standard tables beside orders: what they hold, and how it is read."""
