"""Speed and memory, ours beside the peers', in one run: `make bench`."""
