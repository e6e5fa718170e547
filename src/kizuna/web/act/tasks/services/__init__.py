"""What is done with tasks; each checks the permission, changes and records, in one transaction."""

from kizuna.web.act.tasks.services.doing import (
    ChangedMeanwhileError,
    EndedError,
    comment,
    finish,
    may_do,
    snooze,
    wake,
)
from kizuna.web.act.tasks.services.handing import NobodyError, assign, change
from kizuna.web.act.tasks.services.opening import ControlGroupError, add, open_task, withdraw

__all__ = [
    "ChangedMeanwhileError",
    "ControlGroupError",
    "EndedError",
    "NobodyError",
    "add",
    "assign",
    "change",
    "comment",
    "finish",
    "may_do",
    "open_task",
    "snooze",
    "wake",
    "withdraw",
]
