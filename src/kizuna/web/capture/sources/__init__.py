"""Databases of others: connections, what is read of them, and how that went."""
