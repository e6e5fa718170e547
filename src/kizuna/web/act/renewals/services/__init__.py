"""What is done with renewals; each checks the permission, changes and records at once."""

from kizuna.web.act.renewals.services.judging import (
    NoEscalationError,
    NoReasonError,
    NotOpenError,
    answer,
    judge,
    settle,
)

__all__ = ["NoEscalationError", "NoReasonError", "NotOpenError", "answer", "judge", "settle"]
