"""Tables in, tables out: SQL and arrays."""
