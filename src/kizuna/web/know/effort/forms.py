"""What people fill in about open hours and promises, and what the address asks for."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.experience.effort import DRIVERS
from kizuna.experience.service import CalendarError, OpenHours
from kizuna.jobs.business_days import parse_country, parse_days
from kizuna.pipeline.errors import InputError
from kizuna.web.know.effort.hours import read_day, written
from kizuna.web.know.effort.models import ServiceCalendar, ServiceTarget

WEEK = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
LONGEST_HOURS = 10_000


class Asked:
    """Which issues, and which page of them; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        cause = query.get("cause", "")
        self.cause = cause if cause in DRIVERS else ""
        self.subject, self.channel = query.get("subject"), query.get("channel", "")
        self.never_closed = query.get("never_closed") == "1"
        self.hard = query.get("hard") == "1"
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1


class CalendarForm(forms.Form):
    """A calendar: its hours day by day, and what is closed."""

    name = forms.CharField(label=gettext_lazy("Name of the calendar"), max_length=80)
    zone = forms.CharField(
        label=gettext_lazy("Time zone of these hours"),
        max_length=60,
        help_text=gettext_lazy("Such as Asia/Tokyo."),
    )
    country = forms.CharField(
        label=gettext_lazy("Public holidays of"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("A country such as JP; empty: none."),
    )
    turn_of_year = forms.BooleanField(
        label=gettext_lazy("Closed from 29 December to 3 January"), required=False
    )
    own_days = forms.CharField(
        label=gettext_lazy("Own closed days"),
        required=False,
        max_length=5_000,
        help_text=gettext_lazy("Such as 2026-08-13/2026-08-16, with commas."),
    )

    def __init__(self, given: QueryDict | None, *, kept: ServiceCalendar | None = None) -> None:
        super().__init__(given, initial=_initial(kept))
        own = list(self.fields)
        for number, day in enumerate(WEEK):
            self.fields[f"day_{number}"] = forms.CharField(
                label=day, required=False, max_length=200
            )
        hint = _("9:00-12:00, 13:00-18:00; empty: closed. What passes midnight goes on next day.")
        self.fields["day_0"].help_text = hint
        days = [f"day_{number}" for number in range(len(WEEK))]
        self.order_fields([*own[:2], *days, *own[2:]])

    def clean_country(self) -> str:
        """Check that its holidays are known."""
        try:
            return parse_country(self.cleaned_data["country"])
        except InputError as error:
            raise forms.ValidationError(_("Holidays of this country are not known.")) from error

    def clean_own_days(self) -> str:
        """Check that they are days."""
        text = str(self.cleaned_data["own_days"])
        try:
            parse_days(text)
        except InputError as error:
            wrong = _("Write days as 2026-08-13, and stretches as 2026-08-13/2026-08-16.")
            raise forms.ValidationError(wrong) from error
        return text

    def clean(self) -> dict[str, Any]:
        """Check that the hours contradict nothing and that it is open some time."""
        given = self.cleaned_data
        try:
            given["week"] = [
                read_day(given.get(f"day_{number}", ""), number) for number in range(len(WEEK))
            ]
            if "zone" in given:
                week = tuple(tuple((o, c) for o, c in day) for day in given["week"])
                OpenHours(week, given["zone"])
        except CalendarError as error:
            self.add_error(_field(error), _reason(error))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """What a calendar keeps."""
        names = ("name", "zone", "week", "country", "turn_of_year", "own_days")
        return {name: self.cleaned_data[name] for name in names}


class TargetForm(forms.Form):
    """A promise."""

    name = forms.CharField(label=gettext_lazy("Name of the promise"), max_length=80)
    position = forms.IntegerField(
        label=gettext_lazy("Order"),
        min_value=1,
        max_value=1_000,
        help_text=gettext_lazy("Of several whose channel fits, the first counts."),
    )
    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Such as phone, mail, chat or line; empty: any."),
    )
    calendar = forms.ModelChoiceField(
        ServiceCalendar.objects.order_by("name"), label=gettext_lazy("Calendar"), empty_label=None
    )
    first_response = forms.FloatField(
        label=gettext_lazy("First answer within (open hours)"),
        required=False,
        min_value=0.02,
        max_value=LONGEST_HOURS,
    )
    resolution = forms.FloatField(
        label=gettext_lazy("Solution within (open hours)"),
        required=False,
        min_value=0.02,
        max_value=LONGEST_HOURS,
    )

    def __init__(self, given: QueryDict | None, *, kept: ServiceTarget | None = None) -> None:
        super().__init__(given, initial=_promised(kept))
        calendars: Any = self.fields["calendar"]
        calendars.label_from_instance = lambda calendar: calendar.name

    def clean(self) -> dict[str, Any]:
        """Check that it promises something."""
        given = self.cleaned_data
        if not self.errors and not (given["first_response"] or given["resolution"]):
            raise forms.ValidationError(_("Promise an answer, a solution, or both."))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """What a promise keeps."""
        given = self.cleaned_data
        minutes = {
            f"{name}_minutes": round(given[name] * 60) if given[name] else None
            for name in ("first_response", "resolution")
        }
        names = ("name", "position", "calendar")
        channel = given["channel"].strip().lower()
        return {name: given[name] for name in names} | {"channel": channel} | minutes


def _initial(kept: ServiceCalendar | None) -> dict[str, Any]:
    """Give the hours as people write them; office hours for a new calendar."""
    office = [[540, 720], [780, 1080]]
    week = kept.week if kept else [office] * 5 + [[], []]
    days = {f"day_{number}": written(day) for number, day in enumerate(week)}
    if kept:
        return kept.values | days
    closes = {"country": settings.HOLIDAYS, "turn_of_year": settings.TURN_OF_YEAR}
    return days | {"zone": settings.TIME_ZONE} | closes


def _promised(kept: ServiceTarget | None) -> dict[str, Any]:
    if kept is None:
        return {"position": 1, "first_response": 8, "resolution": 24}
    hours = {
        name: minutes / 60
        for name in ("first_response", "resolution")
        if (minutes := getattr(kept, f"{name}_minutes"))
    }
    return kept.values | hours


def _field(error: CalendarError) -> str:
    if error.code == "zone":
        return "zone"
    return "day_0" if error.weekday < 0 else f"day_{error.weekday}"


def _reason(error: CalendarError) -> str:
    return {
        "written": _("Write hours as 9:00-12:00, 13:00-18:00."),
        "range": _("There is no such time of day; the latest is 24:00."),
        "order": _("It closes before it opens; write what passes midnight on two days."),
        "overlap": _("Two stretches of this day overlap."),
        "zone": _("There is no such time zone; write one such as Asia/Tokyo."),
        "empty": _("It is never open: no deadline could ever be told."),
    }[error.code]
