"""What may be done with surveys: designing, asking, answering, and telling the tables."""

from kizuna.web.act.surveys.services.asking import NotOpenError, ask

__all__ = ["NotOpenError", "ask"]
