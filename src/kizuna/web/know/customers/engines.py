"""An engine that a thread keeps for its pages, since starting one takes longer than most questions.

What a page makes readable in it is forgotten with the page.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local

from kizuna.pipeline.engine import Engine

MEMORY = "1GB"
HERE = local()


@contextmanager
def own_engine() -> Iterator[Engine]:
    """Give this thread's own engine, empty; a process that was forked off starts its own."""
    if getattr(HERE, "process", None) != os.getpid():
        HERE.process, HERE.engine = os.getpid(), Engine(threads=2, memory_limit=MEMORY)
    engine: Engine = HERE.engine
    try:
        yield engine
    finally:
        for name in engine.names():
            engine.drop(name)
