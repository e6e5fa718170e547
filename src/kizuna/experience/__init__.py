"""What customers feel and will do, from answers and from behaviour: arrays in, arrays out.

Churn and health as calibrated probabilities, effort of issues, service levels, surveys, personas
and themes. NumPy and SciPy alone; what reads text needs the extra `text`.
"""
