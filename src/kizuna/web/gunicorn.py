"""What gunicorn is told, beside where to listen; `gunicorn -c python:kizuna.web.gunicorn`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from kizuna.web import lifeline
from kizuna.web.logs import CONFIGURATION

wsgi_app = "kizuna.web.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 4
# requests under way may finish after SIGTERM
graceful_timeout = 30
# a worker that says nothing for so long is replaced; a long upload is no silence
timeout = 60
# memory that a library lost comes back, and not in all workers at once
max_requests = 20_000
max_requests_jitter = 2_000
logconfig_dict = CONFIGURATION
control_socket_disable = True
proc_name = "kizuna"
# who changes the code sees the change
reload = os.environ.get("KIZUNA_DEBUG") == "1"
# what is loaded once is there for all workers: half the time of a start, and less memory
preload_app = not reload
pages = ("*.html", "*.po")
reload_extra_files = [str(p) for kind in pages for p in Path(__file__).parent.rglob(kind)]


def post_worker_init(worker: Any) -> None:
    """Have the master leave when whoever started it is gone; its workers watch over the master."""
    # a thread of the master itself would be there when it forks
    lifeline.hold(lambda: _end_of(worker.ppid))


def _end_of(master: int) -> None:
    if os.getppid() == master:
        os.kill(master, signal.SIGTERM)
