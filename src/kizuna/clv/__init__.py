"""Customer lifetime value: models, data and value, with NumPy and SciPy alone."""
