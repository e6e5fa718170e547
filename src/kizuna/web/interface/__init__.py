"""What every address for programs has in common: keys, problems, limits, and answers given once."""
