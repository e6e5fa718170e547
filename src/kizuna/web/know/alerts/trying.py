"""Try a rule on the past."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from kizuna.jobs.dry_run import past
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.web.know.alerts.conditions import watched_of
from kizuna.web.know.alerts.models import DryRun
from kizuna.web.know.publications.queries import published
from kizuna.web.know.publications.services import run_options, store


def run(pk: int) -> None:
    """Say what a rule would have done; why it cannot be said is kept too."""
    asked = DryRun.objects.select_related("rule__segment").get(pk=pk)
    state = published()
    try:
        if state is None or state.publication.as_of is None:
            raise InputError("nothing is published yet.")
        watched = watched_of(asked.rule, state.currency)
        with Engine(threads=2) as engine:
            weekly = past(
                engine,
                store(),
                last=state.publication.as_of,
                many=asked.weeks,
                timezone=settings.TIME_ZONE,
                currency=state.currency,
                only=watched.facts,
                options=run_options(),
            )
            quiet = {watched.key: asked.rule.quiet_days}
            asked.found = weekly.tried([watched], quiet)[watched.key]
    except InputError as error:
        asked.problem = str(error)[:300]
    asked.done_at = timezone.now()
    asked.save(update_fields=["found", "problem", "done_at"])
