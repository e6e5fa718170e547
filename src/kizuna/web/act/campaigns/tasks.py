"""What the worker does for campaigns."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.actions.models import State
from kizuna.web.act.campaigns import advancing
from kizuna.web.act.campaigns import audience as looking
from kizuna.web.act.campaigns.models import Campaign, Phase
from kizuna.web.jobs.tasks import job

RUNNING = (Phase.GATHERING, Phase.SENDING)


@job(title=_("Take the next steps of a campaign"), unique=str, run_again=True)
def go_on(pk: int) -> bool:
    """Take customers of a campaign on."""
    more = advancing.go_on(pk)
    if more:
        go_on.enqueue(pk)
    return more


@job(title=_("Take the next steps of campaigns"), unique="campaigns.advance")
def advance() -> int:
    """Have each campaign that runs go on."""
    running = Campaign.objects.filter(phase__in=RUNNING, action__state=State.LIVE)
    keys = list(running.values_list("pk", flat=True))
    for pk in keys:
        go_on.enqueue(pk)
    return len(keys)


@job(title=_("Look at the audience of a campaign"), unique=str, run_again=True)
def look(pk: int) -> int:
    """Look at the audience beforehand."""
    found = Campaign.objects.filter(pk=pk).first()
    if found is None:
        return 0
    now = timezone.now()
    told = looking.look(found, now)
    Campaign.objects.filter(pk=pk).update(looked=told, looked_at=now)
    return int(told["audience"])
