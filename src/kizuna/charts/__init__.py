"""Pictures: a table in, a Plotly figure out; one function a picture."""
