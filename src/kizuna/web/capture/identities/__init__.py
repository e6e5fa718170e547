"""Who customers are: keys that belong together, merges and their undoing, duplicates to review."""
