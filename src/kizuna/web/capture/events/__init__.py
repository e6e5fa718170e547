"""Events: how they come out of the inbox, how far behind the tables are, and what was refused."""
