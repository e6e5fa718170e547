"""What people know of a customer beside the figures: owner, accounts, contacts, tags, fields."""
