"""Messages: templates that only fill in, an outbox that sends once, and what became of each."""
