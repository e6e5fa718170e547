"""Renewals as events of a calendar: deadlines, ends of terms, and by when to speak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.act.renewals.icalendar import Event, calendar
from kizuna.web.act.renewals.models import Feed
from kizuna.web.act.renewals.queries import Line
from kizuna.web.act.renewals.services.feeding import token_of
from kizuna.web.ui.templatetags.ui import minor_money

SPEAKS_AT = time(9)


def path_of(feed: Feed) -> str:
    """Give the path of a calendar."""
    return reverse("renewals:calendar_feed", args=[token_of(feed)])


def calendar_of(feed: Feed, lines: Sequence[Line], *, root: str, stamp: datetime) -> str:
    """Write the calendar of a person."""
    name = _("Renewals of the team") if feed.of_team else _("My renewals")
    events = [event for line in lines for event in _events(line, root)]
    return calendar(name, events, zone=settings.TIME_ZONE, stamp=stamp)


def _events(line: Line, root: str) -> list[Event]:
    renewal = line.renewal
    url = root + reverse("renewals:one", args=[renewal.pk])
    said = {"name": line.name, "contract": renewal.contract_id}
    amount = minor_money(renewal.mrr, renewal.currency)
    about = _("Contract %(contract)s, %(amount)s a month") % {
        "contract": renewal.contract_id,
        "amount": amount,
    }
    known = f"renewal-{renewal.pk}"
    found = []
    if renewal.is_notice:
        title = _("Last day for notice: %(name)s") % said
        found.append(Event(f"{known}-notice@kizuna", renewal.decide_by, title, about, url))
    title = _("Term ends: %(name)s") % said
    found.append(Event(f"{known}-end@kizuna", renewal.ends_on, title, about, url))
    if renewal.say_by is not None:
        at = datetime.combine(renewal.say_by, SPEAKS_AT, ZoneInfo(settings.TIME_ZONE))
        title = _("Say how likely the renewal is: %(name)s") % said
        found.append(Event(f"{known}-say@kizuna", at, title, about, url))
    return found
