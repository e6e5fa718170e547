"""Who takes what comes back into a mailbox: apps further right add themselves when they start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

type Taker = Callable[[bytes, datetime, bool], bool]

RETURNS: list[Taker] = []
"""Each is given a mail as it came, the moment, and whether the mailbox is for such mails alone.

True: it was taken, durably; a mail that is given twice is taken once. Of a mailbox for returns
alone everything is taken.
"""


def taken(content: bytes, at: datetime, *, alone: bool) -> bool:
    """Give a mail to whoever takes it."""
    return any(take(content, at, alone) for take in RETURNS)
