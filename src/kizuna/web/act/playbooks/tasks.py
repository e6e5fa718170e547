"""What the worker does for playbooks besides taking customers on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.playbooks import intakes, looking, rehearsing
from kizuna.web.jobs.tasks import job


@job(title=_("Have customers enter playbooks"), unique=lambda pk: f"playbooks.published:{pk}")
def after_publication(publication_id: int) -> int:
    """Evaluate every trigger on what a publication changed."""
    return looking.after_publication(publication_id)


@job(title=_("Try a playbook on the past"))
def rehearse(pk: int) -> None:
    """Say what a playbook would have done."""
    rehearsing.run(pk)


@job(title=_("Put customers into a playbook"), unique=lambda pk: f"playbooks.intake:{pk}")
def take_in(pk: int) -> None:
    """Put in whoever somebody chose."""
    intakes.run(pk)


@job(title=_("Look at customers for a playbook"), unique=lambda pk: f"playbooks.look:{pk}")
def look_at(pk: int) -> None:
    """Look at what would become of whoever somebody chose."""
    intakes.look(pk)
