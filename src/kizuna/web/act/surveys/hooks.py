"""What happens when a customer gives a low answer, and who else asks a survey.

Apps further right add to these when they start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LowAnswer:
    """An answer at or below what its survey calls low; `key` names it once and for all.

    Told once an asking, in the transaction of the answer: at the first answer that is low.
    """

    key: str
    customer_id: str
    survey: int
    survey_name: str
    kind: str
    score: int
    comment: str
    at: datetime


LOW_ANSWER_HOOKS: list[Callable[[LowAnswer], object]] = []
ELSEWHERE: list[Callable[[int], list[tuple[str, str]]]] = []
"""Who asks a survey otherwise than by mail: its number → names with their pages."""
