"""The report: results in, one self-contained page out, in Japanese or English."""
