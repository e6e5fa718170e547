"""Did it work, and who next: assignment by chance, effects in money, and choice within a budget.

Nothing here reads a table or draws a random number: counts, means and cross-products in, intervals
out. NumPy and SciPy alone.
"""
