"""Messages on the site in words: their state, when and to whom they come, numbers, looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.act.actions.models import State
from kizuna.web.act.actions.queries import Counted
from kizuna.web.act.messages.variables import variables
from kizuna.web.act.on_site.blocks import names_in
from kizuna.web.act.on_site.models import Audience, Message, Trigger
from kizuna.web.act.on_site.queries import Shown
from kizuna.web.act.on_site.services import NEXT
from kizuna.web.act.on_site.showing import deed_of, rendered, words_of
from kizuna.web.act.surveys.queries import question
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

MOODS = {
    State.DRAFT: "unknown",
    State.DRY_RUN: "info",
    State.LIVE: "good",
    State.PAUSED: "caution",
    State.CONCLUDED: "info",
}
VERBS: Mapping[str, str | Promise] = {
    "go_live": gettext_lazy("Let it go live"),
    "pause": gettext_lazy("Pause"),
    "resume": gettext_lazy("Go on"),
    "conclude": gettext_lazy("End it for good"),
}


def listed(found: Sequence[Message]) -> Table:
    """List messages."""
    say = writer()
    columns = [Column(_("Name")), Column(_("State")), Column(_("How it looks"))]
    columns += [Column(_("When it comes")), Column(_("Shown to"))]
    columns.append(Column(_("Held out"), number=True))
    rows: list[list[str | Cell]] = [
        [
            Cell(one.action.name, reverse("on_site:one", args=[one.pk])),
            Cell(one.action.get_state_display(), mood=mood(one)),
            one.get_look_display(),
            when(one),
            whom(one),
            say.percent(deed_of(one).holdout),
        ]
        for one in found
    ]
    return Table(_("Messages on the web site"), columns, rows)


def mood(one: Message) -> str:
    """Give the mood of its state."""
    return MOODS[State(one.action.state)]


def when(one: Message) -> str:
    """Say when it comes."""
    if one.trigger == Trigger.SECONDS:
        return _("After %(n)s seconds") % {"n": writer().number(one.after)}
    if one.trigger == Trigger.SCROLL:
        return _("After %(n)s %% of the page") % {"n": writer().number(one.after)}
    return str(one.get_trigger_display())


def whom(one: Message) -> str:
    """Say for whom it is."""
    if one.audience == Audience.SEGMENT and one.segment is not None:
        return str(one.segment.name)
    return str(one.get_audience_display())


def facts(one: Message) -> list[tuple[str, str]]:
    """Say what is set."""
    say = writer()
    first = say.day(one.from_on) if one.from_on else _("going live")
    last = say.day(one.until_on) if one.until_on else _("its end")
    cap = _("%(times)s in %(days)s days") % {
        "times": say.number(one.times), "days": say.number(one.days)
    }  # fmt: skip
    return [
        (_("How it looks"), str(one.get_look_display())),
        (_("When it comes"), when(one)),
        (_("On which pages"), ", ".join(one.pages.split()) or _("every page")),
        (_("Shown to"), whom(one)),
        (
            _("Days on which it comes"),
            _("from %(first)s until %(last)s") % {"first": first, "last": last},
        ),
        (_("At most, for each visitor"), cap),
        (_("Held out"), say.percent(deed_of(one).holdout)),
        *([(_("Survey that it asks"), one.survey.name)] if one.survey else []),
    ]


def stats(one: Message, found: Shown) -> list[tuple[str, str, str]]:
    """Give numbers with their labels and notes."""
    if one.survey_id is not None:
        return [
            (_("Times shown"), counted(found.shown), ""),
            (_("Visitors who answered"), counted(found.answered), _("they count in the survey")),
            (_("Times closed"), counted(found.closed), _("without an answer")),
        ]
    note = _("by people, as far as is known; %(n)s with those of programs") % {
        "n": counted(found.raw_followed)
    }
    return [
        (_("Times shown"), counted(found.shown), ""),
        (_("Times followed"), counted(found.followed), note),
        (_("Times closed"), counted(found.closed), ""),
        (_("Visitors held out"), counted(found.held_out), _("by chance; they saw nothing")),
    ]


def counted(found: Counted) -> str:
    """Write a number that may be more than was counted."""
    number = writer().number(found.many)
    return _("more than %(n)s") % {"n": number} if found.more else number


def steps(one: Message) -> list[tuple[str, str]]:
    """Give what can be decided now."""
    return [(name, str(VERBS[name])) for name in NEXT[State(one.action.state)]]


def previews(one: Message) -> list[tuple[str, str, dict[str, Any]]]:
    """Give the message as the script shows it, in each language; placeholders by their meaning."""
    there = variables()
    found = []
    for code, label in (("ja", _("In Japanese")), ("en", _("In English"))):
        if not _is_written(one, code):
            continue
        texts = words_of(one, code)
        names = names_in(texts[:2])
        values = {n: f"[{there[n].label}]" if n in there else None for n in names}
        found.append((f"preview-{code}", label, rendered(one, texts, values, code)))
    return found


def _is_written(one: Message, code: str) -> bool:
    """Whether it has words of its own in a language; of a survey alone, its question has."""
    if getattr(one, f"body_{code}"):
        return True
    is_bare = one.survey is not None and not (one.body_ja or one.body_en)
    return is_bare and bool(_first_of(one, code))


def _first_of(one: Message, code: str) -> str:
    first = question(one.survey_id, 1) if one.survey_id else None
    return str(getattr(first, f"text_{code}")) if first else ""
