"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    """Actions."""

    name = "kizuna.web.act.actions"
    label = "actions"
    navigation: ClassVar = [(_("Customer actions"), "actions:list", "target", "viewer", "act", 10)]

    def ready(self) -> None:
        """Give each run what was done, and who was left alone."""
        from kizuna.web.act.actions.giving import give_actions
        from kizuna.web.know.publications.hooks import GIVEN_HOOKS

        GIVEN_HOOKS.append(give_actions)
