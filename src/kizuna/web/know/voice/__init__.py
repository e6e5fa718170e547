"""Voice of the customer: themes, what they move, gaps in service and what came of them."""
