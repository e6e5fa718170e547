"""The rows behind a number: which of a published table it counts or sums."""
