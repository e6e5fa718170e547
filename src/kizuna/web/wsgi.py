"""What gunicorn runs."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from kizuna.web.loading import load

load()
import_module(settings.ROOT_URLCONF)  # the pages as well: once, and before somebody waits for one
application = WSGIHandler()
