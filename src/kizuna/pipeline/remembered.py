"""What steps make of the same whole tables: made once, and kept for as long as the tables are."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any


def remembered[**P, Made](function: Callable[P, Made]) -> Callable[P, Made]:
    """Let a function of things that never change be called once for the same ones.

    Tables, and what is compared by being the same, must be the very same; values must be equal.
    Steps are at work side by side: who asks second waits. What is made must not hold what it is
    made of, or neither would ever go.
    """
    made = dict[Hashable, _Once]()

    @functools.wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> Made:
        given = (*args, *kwargs.items())
        key = tuple(id(one) if _is_itself(one) else one for one in given)
        # kept from the beginning: whoever comes now must find the same
        once = made.setdefault(key, _Once())
        with once.lock:
            if not once.made:
                once.made.append(function(*args, **kwargs))
                for one in filter(_is_itself, given):
                    weakref.finalize(one, made.pop, key, None)
        found: Made = once.made[0]
        return found

    return remembering


class _Once:
    def __init__(self) -> None:
        self.lock, self.made = Lock(), list[Any]()


def _is_itself(one: object) -> bool:
    """Whether something is equal to nothing else."""
    return type(one).__hash__ in (None, object.__hash__)
