"""Writes: line messages up, write templates, note what came back, say how channels are reached."""

from __future__ import annotations

from kizuna.web.act.messages.services.outbox import (
    NotUncertainError,
    NotWrittenError,
    cancel,
    enqueue,
    enqueue_many,
    key_of,
    settle,
)

__all__ = [
    "NotUncertainError",
    "NotWrittenError",
    "cancel",
    "enqueue",
    "enqueue_many",
    "key_of",
    "settle",
]
