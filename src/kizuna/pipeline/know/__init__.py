"""Know: what each customer is worth, and why."""
