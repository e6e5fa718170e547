"""A pipe between who starts processes and those started: when the one dies, the others leave."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "KIZUNA_LIFELINE"
PATIENCE_SECONDS: Final = 40.0
LEFT_ALONE: Final = 75  # EX_TEMPFAIL: whoever watches over it should start it again


class Lifeline:
    """The end that only the starter holds; the system closes it, however the starter dies."""

    def __init__(self) -> None:
        self.read, self._write = os.pipe()

    @property
    def environment(self) -> dict[str, str]:
        """What a started process is told; it needs the descriptor `read` as well."""
        return os.environ | {VARIABLE: str(self.read)}


def hold(leave: Callable[[], None]) -> None:
    """Call `leave`, in a thread, once the starter is gone; without a starter do nothing."""
    number = os.environ.get(VARIABLE, "")
    if number.isdecimal():
        threading.Thread(target=_wait, args=(int(number), leave), daemon=True).start()


def leave_or_end() -> None:
    """Leave in good order; what holds this process up longer than its grace ends with it."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os._exit(LEFT_ALONE)


def _wait(descriptor: int, leave: Callable[[], None]) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except OSError:
        return  # the number is of no pipe of ours
    leave()
