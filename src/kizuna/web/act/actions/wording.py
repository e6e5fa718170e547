"""Actions in words: the register, states, the log of decisions, how a size is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.act.actions.control import turn_ends_on
from kizuna.web.act.actions.models import Action, Decided, Programme, Share, State
from kizuna.web.act.actions.queries import Counted, Line, Shown
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import day, minor_money, moment, share, writer

MOODS: Mapping[str, str] = {
    State.DRAFT: "unknown",
    State.DRY_RUN: "info",
    State.LIVE: "good",
    State.PAUSED: "caution",
    State.CONCLUDED: "unknown",
}
VERBS = {
    "drafted": gettext_lazy("Written down"),
    "brought_in": gettext_lazy("Brought in with its past"),
    "changed": gettext_lazy("Changed"),
    "shares_set": gettext_lazy("Share held out changed"),
    "dry_run": gettext_lazy("Dry run begun"),
    "live": gettext_lazy("Taken live"),
    "paused": gettext_lazy("Paused"),
    "concluded": gettext_lazy("Concluded"),
}
STEPS = {
    State.DRAFT: (
        ("dry_run", gettext_lazy("Begin a dry run")),
        ("go_live", gettext_lazy("Go live")),
    ),
    State.DRY_RUN: (("go_live", gettext_lazy("Go live")),),
    State.LIVE: (("pause", gettext_lazy("Pause")), ("conclude", gettext_lazy("Conclude"))),
    State.PAUSED: (("resume", gettext_lazy("Go on")), ("conclude", gettext_lazy("Conclude"))),
    State.CONCLUDED: (),
}
"""What may be done in each state."""


def state_tabs(there: set[str], current: str) -> list[Tab]:
    """Offer all actions, and those of each state that there is."""
    found = [Tab(_("All"), reverse("actions:list"), current == "")]
    return found + [
        Tab(
            str(state.label),
            reverse("actions:list", query={"state": state.value}),
            current == state,
        )
        for state in State
        if state in there
    ]


def register(lines: Sequence[Line]) -> Table:
    """Write the register as a table."""
    columns = (
        *(Column(_("Customer action")), Column(_("Kind")), Column(_("State")), Column(_("Owner"))),
        Column(_("Left out by chance"), number=True),
        Column(_("Customers placed"), number=True),
        Column(_("Since")),
    )
    return Table(_("Customer actions"), columns, [_line(line) for line in lines])


def _line(line: Line) -> list[str | Cell]:
    action = line.action
    return [
        Cell(action.name, url=reverse("actions:one", args=[action.pk])),
        str(action.get_kind_display()),
        Cell(str(action.get_state_display()), mood=MOODS[action.state]),
        action.owner.name if action.owner else "–",
        share(action.holdout) if action.is_optional else _("nobody: it is owed"),
        "–" if line.units is None else writer().number(line.units),
        day(action.started_on),
    ]


def counted(found: Counted) -> str:
    """Write a number of rows that may be more than were counted."""
    many = writer().number(found.many)
    return _("more than %(n)s") % {"n": many} if found.more else many


def steps(action: Action) -> list[tuple[str, str, bool]]:
    """Offer what may be done with an action now: its name, its words, whether it is the next."""
    offered = STEPS[State(action.state)]
    return [(name, str(words), name in ("go_live", "resume")) for name, words in offered]


def log(found: Sequence[Decided]) -> Table:
    """Write the log of decisions as a table."""
    columns = (Column(_("At")), Column(_("Who")), Column(_("Decision")), Column(_("Why")))
    return Table(_("Decisions about this action"), columns, [_decided(one) for one in found])


def _decided(one: Decided) -> list[str | Cell]:
    return [
        moment(one.at),
        one.person.name if one.person else _("the system"),
        _said(one),
        one.why or "–",
    ]


def _said(one: Decided) -> str:
    verb = str(VERBS.get(one.verb, one.verb))
    if one.verb == "shares_set":
        return _("%(verb)s to %(share)s") % {
            "verb": verb, "share": share(one.said.get("holdout", 0)),
        }  # fmt: skip
    return verb


def shares(found: Sequence[Share]) -> Table:
    """Write the versions of the shares as a table."""
    columns = (
        *(Column(_("Version"), number=True), Column(_("Left out by chance"), number=True)),
        *(Column(_("Since")), Column(_("Who")), Column(_("Why"))),
    )
    rows = [
        [
            writer().number(one.version),
            share(one.holdout),
            moment(one.set_at),
            one.set_by.name if one.set_by else _("the system"),
            one.why or "–",
        ]
        for one in found
    ]
    return Table(_("Versions of the share held out"), columns, rows)


def design(found: Shown) -> list[tuple[str, str]]:
    """Say what an action is, line by line."""
    action, currency = found.action, found.currency
    told: list[tuple[str, Any]] = [
        (_("Kind"), action.get_kind_display()),
        (_("Owner"), action.owner.name if action.owner else "–"),
        (_("Optional"), _("Yes") if action.is_optional else _("No: it reaches everyone")),
        (_("Cost of one"), minor_money(action.cost_per_unit, currency)),
        (_("Cost of a minute"), minor_money(action.cost_per_minute, currency)),
        (_("Outcome"), _("margin: sales less what went back and was given, times the margin")),
        (_("Judged after"), _("%(n)s days") % {"n": writer().number(action.horizon_days)}),
        (_("Smallest effect that matters"), minor_money(action.worth, currency)),
        (_("Chance places"), action.get_unit_display()),
        (_("How it runs"), _("always, looked at any time") if action.always_on else _("once")),
        (_("Under way since"), day(action.started_on)),
        (_("Concluded on"), day(action.ended_on)),
    ]
    return [(label, str(text)) for label, text in told]


def sizing(found: Shown) -> list[str]:
    """Say what a test of so many customers can tell, and what share is advised."""
    size, action = found.size, found.action
    if size is None:
        return []
    told = {
        "n": writer().number(size.customers),
        "worth": minor_money(size.worth, found.currency),
        "needed": writer().number(size.needed),
        "share": share(action.holdout),
    }
    said = [
        _("With %(share)s held out it takes %(needed)s customers to show %(worth)s a customer.")
    ]
    if size.detectable is not None:
        told["least"] = minor_money(size.detectable, found.currency)
        said.append(_("%(n)s customers show an effect of %(least)s or more."))
    if size.holdout is None:
        said.append(_("Even half of %(n)s customers held out would be too few."))
    elif size.holdout > action.holdout:
        told["better"] = share(size.holdout)
        said.append(_("Advised until the first verdict: hold out %(better)s."))
    return [text % told for text in said]


def explained(found: Shown) -> Explain:
    """Say how a size is computed."""
    size = found.size
    return Explain(
        definition=_(
            "How many customers, those held out among them, show an effect with a chance of 80%, "
            "at 90% confidence. What is looked at any time takes 2.4 times as many."
        ),
        formula="n = (z₁ + z₂)² · CV² · (1 − R²) · (1/f + 1/(1 − f)) / δ²",
        rows=_("margin_spread: margin of all customers within %(n)s days")
        % {"n": writer().number(size.horizon_days if size else 0)},
    )


def turn(kept: Programme, today: Any) -> str:
    """Say until when those who are left alone now are."""
    return _("Others take their turn on %(day)s.") % {"day": day(turn_ends_on(kept, today))}
