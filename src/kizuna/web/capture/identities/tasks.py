"""What the worker does for identities."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kizuna.jobs import duplicates, resolution
from kizuna.jobs.load import alone
from kizuna.web.capture.identities import queries
from kizuna.web.capture.identities.rules import SUGGESTING
from kizuna.web.capture.identities.services import review
from kizuna.web.capture.identities.services.observing import Said, Told, observe
from kizuna.web.capture.imports.files import store
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.tasks import job


@job(
    title=_("Write whose each key is"),
    unique=lambda figures: f"identity_map {figures}",
    run_again=True,
)
def write_map(figures: bool) -> None:
    """Let the tables know whose each key is now; where a person merged, have figures follow."""
    tables = store()
    with alone(tables, wait=600):
        resolution.write_map(tables, queries.connected())
    if figures:
        with transaction.atomic():
            announce("transactions_changed")


@job(title=_("Connect keys that a fault left out"), unique="identities.catch_up")
def catch_up() -> int:
    """Follow what messages said and nobody followed, as when a process died in between."""
    tables = store()
    return observe(
        links=[Said(**row) for row in resolution.unfollowed(tables)],
        traits=[Told(**row) for row in resolution.told_lately(tables)],
    )


@job(title=_("Look for duplicate customers"), unique="identities.duplicates")
def find_duplicates() -> int:
    """Bring the queue to what the rules find now."""
    rules = [rule for rule in SUGGESTING if rule in queries.rules_on()]
    found = duplicates.find(store(), rules)
    kept = review.suspect(pairs=((d.first_id, d.second_id, d.rules) for d in found))
    review.forget_others(pairs=((d.first_id, d.second_id) for d in found))
    return kept
