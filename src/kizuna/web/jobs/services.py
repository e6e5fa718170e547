"""Writes: announcements between apps, and what people do to jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_listeners: defaultdict[str, list[Callable[..., object]]] = defaultdict(list)


def listen(name: str, function: Callable[..., object]) -> None:
    """Have a function called whenever something is announced; called from `AppConfig.ready`."""
    if function not in _listeners[name]:
        _listeners[name].append(function)


def announce(name: str, **payload: Any) -> None:
    """Tell whoever listens, here and now, in the transaction of the caller.

    Listeners should enqueue a task and return; what they raise reaches the caller.
    """
    for function in list(_listeners[name]):
        function(**payload)
