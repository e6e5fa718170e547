"""What is wrong with a playbook, or worth knowing before it goes live."""

from __future__ import annotations

from dataclasses import dataclass

from kizuna.web.act.playbooks.plan import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; an error keeps a playbook from going live, a warning is to be read.

    Attributes
    ----------
    text : in the language of whoever asked.
    path : where in the playbook; line and column where it was written as text.
    customers : how many it concerns; None where that is not the question.

    """

    text: str
    path: Path = ()
    is_error: bool = True
    customers: int | None = None
    line: int = 0
    column: int = 0
