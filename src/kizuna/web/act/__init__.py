"""Act: what goes out."""
