"""Next best action: what is on offer, who is proposed what and why, and what choosing is worth."""
