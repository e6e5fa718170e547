"""What is known of people, sessions, keys and of what was done."""

from __future__ import annotations

from kizuna.web.accounts.models import Installation, Person


def set_up_is_open() -> bool:
    """Whether there is nobody yet, and never was."""
    return not Person.objects.exists() and not Installation.objects.exists()
