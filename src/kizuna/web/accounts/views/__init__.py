"""Pages about people: each view parses, makes one call, renders."""
