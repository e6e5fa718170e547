"""Messages of the event API: bodies as they were received in; events, traits, links, orders out.

Pure functions: no clock, no store. What cannot be used is a reject that says which field and why.
"""
