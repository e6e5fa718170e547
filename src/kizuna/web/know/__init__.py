"""Know: what each customer is worth."""
