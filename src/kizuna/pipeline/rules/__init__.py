"""Rules: a safe boolean expression over facts, read into values, written as SQL and for people."""
