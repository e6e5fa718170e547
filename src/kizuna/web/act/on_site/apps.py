"""Django's name for this app."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnSiteConfig(AppConfig):
    """Messages on the web site."""

    name = "kizuna.web.act.on_site"
    label = "on_site"
    navigation: ClassVar = [(_("On the web site"), "on_site:list", "globe", "viewer", "act", 38)]

    def ready(self) -> None:
        """Lead from an action, and from a survey, to its message."""
        from kizuna.web.act.actions.audiences import PAGES
        from kizuna.web.act.on_site.clearing import ON_SITE
        from kizuna.web.act.on_site.queries import asking, page_of
        from kizuna.web.act.surveys.hooks import ELSEWHERE
        from kizuna.web.capture.privacy.models import Held
        from kizuna.web.capture.privacy.periods import CLEARINGS

        CLEARINGS[Held.ON_SITE] = ON_SITE
        PAGES.append(page_of)
        ELSEWHERE.append(asking)
