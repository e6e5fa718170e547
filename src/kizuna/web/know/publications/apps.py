"""Django's name for this app."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from kizuna.web.accounts.models import Person


class PublicationsConfig(AppConfig):
    """Pipeline runs."""

    name = "kizuna.web.know.publications"
    label = "publications"
    navigation = [(_("Pipeline"), "publications:runs", "runs", "viewer", "data", 20)]

    def ready(self) -> None:
        """Refresh what is known whenever orders have changed, or what figures depend on."""
        from kizuna.web.accounts.hooks import COUNTED_OTHERWISE_HOOKS
        from kizuna.web.jobs import schedules
        from kizuna.web.jobs.services import listen
        from kizuna.web.know.publications import tasks

        schedules.declare(
            name="publications.tidy",
            task=tasks.tidy,
            at=time(4, 20),
            title=_("Delete former versions of tables"),
        )
        listen("transactions_changed", orders_changed)
        COUNTED_OTHERWISE_HOOKS.append(counted_otherwise)


def orders_changed(**said: object) -> None:
    """Ask for a run; what exactly has changed makes no difference to it."""
    from kizuna.web.know.publications.services import refresh

    refresh(actor=None)


def counted_otherwise(_organisation: object, actor: Person) -> None:
    """Ask for a run in the name of whoever changed what figures depend on."""
    from kizuna.web.know.publications.services import refresh

    refresh(actor=actor)
