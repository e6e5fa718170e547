"""What customers said to being written to: purposes, channels, topics, and proof of each word."""
