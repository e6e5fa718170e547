"""What experience is worth: by experiment, and apart from it as an association."""
