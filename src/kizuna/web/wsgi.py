"""What gunicorn runs."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from kizuna.web.loading import load

load()
application = WSGIHandler()
