"""Taking events in: write keys, what a request must be, and its durable keeping before the answer.

`door.py` decides and `committer.py` keeps; `asgi.py` stands before them for many requests a second
(`kizuna ingest`), `api.py` for an installation that serves all on one port.
"""
