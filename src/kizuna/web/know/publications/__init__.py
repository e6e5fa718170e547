"""Publications: runs of the pipeline, their trace and their tables."""
