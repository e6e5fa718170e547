"""The queue in the database, its worker, and its page."""
