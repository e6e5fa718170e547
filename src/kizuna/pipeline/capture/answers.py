"""Answers to surveys of the application on their way through the inbox to `responses`.

An answer that is changed comes again under its id with a higher version, which counts, whichever
arrives last.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec


class Answer(NamedTuple):
    """An answer, in the order of the columns of `received_responses`."""

    response_id: str
    customer_key: str
    answered_at: datetime
    survey: str
    kind: str
    score: float | None
    scale_low: float | None
    scale_high: float | None
    comment: str | None
    custom: str | None
    version: int
    received_at: datetime
    row_no: int


def body_of(answers: list[Answer]) -> bytes:
    """Write answers down, as the inbox keeps them."""
    return msgspec.json.encode(answers)


def answers_of(body: bytes, start: int) -> Iterator[Answer]:
    """Read answers that were written down; number them from `start`, in the order they came."""
    for number, row in enumerate(msgspec.json.decode(body, type=list[Answer]), start):
        yield row._replace(row_no=number)
