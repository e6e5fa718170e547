"""Reads: whether somebody is held out, the register, one action with its counts and its log."""

from __future__ import annotations

from datetime import datetime

from kizuna.web.act.actions import control
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.placing import standing
from kizuna.web.act.actions.whose import Who


def is_held_out(customer_id: str, action: Action, at: datetime) -> bool:
    """Tell whether nothing of an action may reach a customer, under whichever key.

    Of a customer who was not placed yet, chance has not spoken: not held out.
    """
    if not action.is_optional:
        return False
    found = standing(action, [customer_id], at).get(customer_id)
    return found is not None and not found.is_treated


def in_global_control(customer_id: str, at: datetime) -> bool:
    """Tell whether nothing optional may reach a customer."""
    return bool(control.held(Who.of([customer_id]), at))
