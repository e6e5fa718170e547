"""The page behind an action, for whoever comes from the action or its result."""

from __future__ import annotations

from django.urls import reverse

from kizuna.web.act.actions.models import Action
from kizuna.web.act.surveys.models import Survey


def page_of(action: Action) -> str | None:
    """Give the page of the survey of an action; None where it has none."""
    found = Survey.objects.filter(action=action).values_list("pk", flat=True).first()
    return reverse("surveys:show", args=[found]) if found else None
