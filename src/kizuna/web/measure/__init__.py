"""What actions earned, and what to do next."""
