"""Alerts in words: tabs, tables, what rules did, what a trial on the past found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.jobs.dry_run import NO_PAST
from kizuna.web.know.alerts.facts import label
from kizuna.web.know.alerts.models import (
    OVER_FACTS,
    Alert,
    AlertRule,
    Cause,
    DryRun,
    Evaluation,
    Notice,
    Severity,
    To,
)
from kizuna.web.know.alerts.past_wording import basis
from kizuna.web.know.alerts.queries import RuleState
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import moment, writer


def number_of(text: str | None) -> int:
    """Read the number of a page."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1


def whose_tabs(counts: Mapping[str, int], whose: str, state: str) -> list[Tab]:
    """Offer one's own alerts, those of nobody, and all."""
    names = {"mine": _("Mine"), "shared": _("Without an owner"), "all": _("Everyone's")}
    return [
        Tab(
            f"{name} ({writer().number(counts[key])})",
            reverse("alerts:inbox", query={"whose": key, "state": state}),
            key == whose,
        )
        for key, name in names.items()
    ]


def state_tabs(whose: str, state: str) -> list[Tab]:
    """Offer what is open, silenced, or over."""
    names = {"open": _("Not yet dealt with"), "snoozed": _("Snoozed"), "ended": _("Over")}
    return [
        Tab(name, reverse("alerts:inbox", query={"whose": whose, "state": key}), key == state)
        for key, name in names.items()
    ]


def snoozes() -> list[tuple[int, str]]:
    """Offer how long to be silent."""
    return [
        (days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in (1, 7, 30, 90)
    ]


def explained(alert: Alert) -> Explain:
    """Say how the amounts of an alert come about."""
    return Explain(
        definition=_(
            "What this customer is expected to bring, and how much of it may be lost, when the "
            "alert was last added to."
        ),
        formula=_(
            "Contracts: recurring revenue × 12, and that × the probability of leaving. Otherwise: "
            "value to come, and that × the probability of having left."
        ),
        rows="customer_facts",
        as_of=moment(alert.last_at),
    )


def rules(found: Sequence[RuleState]) -> Table:
    """Write the rules as a table."""
    columns = (
        Column(_("Rule")),
        Column(_("About")),
        Column(_("Severity")),
        Column(_("Goes to")),
        Column(_("State")),
        Column(_("Last publication")),
    )
    return Table(_("Alert rules"), columns, [_rule(one) for one in found])


def _rule(one: RuleState) -> list[str | Cell]:
    rule = one.rule
    return [
        Cell(rule.name, url=reverse("alerts:rule", args=[rule.pk])),
        str(Cause(rule.cause).label),
        Cell(str(Severity(rule.severity).label), mood=rule.severity),
        rule.person.name if rule.to == To.PERSON and rule.person else str(To(rule.to).label),
        _state(one),
        did(one.last) if one.last else "–",
    ]


def _state(one: RuleState) -> str:
    if not one.rule.is_on:
        return _("switched off")
    if one.is_muted:
        return _("muted until %(at)s") % {"at": moment(one.rule.muted_until)}
    return _("on")


def did(last: Evaluation) -> str:
    """Say what a rule did after a publication."""
    if "missing" in last.held:
        return _("could not be read: %(what)s") % {"what": last.held["missing"]}
    if last.is_storm:
        text = _("began to hold of %(n)s customers at once: held back")
        return text % {"n": writer().number(last.began)}
    said = [_("%(n)s told") % {"n": writer().number(last.told)}]
    words = held_words()
    said += [f"{words[key]}: {writer().number(n)}" for key, n in last.held.items() if key in words]
    return ", ".join(said)


def held_words() -> dict[str, str]:
    """Name why something is not told."""
    return {
        "muted": _("muted"),
        "flaps": _("went on and off"),
        "same_cause": _("added to an open alert"),
        "snoozed": _("snoozed"),
        "told": _("told already"),
    }


def storms(found: Sequence[RuleState]) -> list[str]:
    """Say which rules began to hold of too many at once."""
    text = _(
        "“%(rule)s” began to hold of %(n)s customers at once. That tells of data that was brought "
        "in rather than of customers, so nobody was told."
    )
    return [
        text % {"rule": one.rule.name, "n": writer().number(one.last.began)}
        for one in found
        if one.last and one.last.is_storm
    ]


def troubles(notices: Sequence[Notice]) -> list[str]:
    """Say which messages did not arrive."""
    text = _("A message to %(who)s did not arrive (%(problem)s); it was tried %(n)s times.")
    return [
        text
        % {"who": notice.channel or notice.person, "problem": notice.problem, "n": notice.tries}
        for notice in notices
    ]


def evaluations(found: Sequence[Evaluation]) -> Table:
    """Write what a rule did, publication by publication."""
    columns = (Column(_("When")), Column(_("Began to hold"), number=True), Column(_("What it did")))
    rows = [[moment(one.at), writer().number(one.began), did(one)] for one in found]
    return Table(_("What it did after the latest publications"), columns, rows)


def trial(found: DryRun | None, rule: AlertRule) -> dict[str, Any] | None:
    """Say what a rule would have done in the past."""
    if found is None:
        return None
    shown: dict[str, Any] = {"run": found, "older": found.version != rule.version}
    if found.problem:
        return shown | {"why": _why(found.problem)}
    if not found.done_at:
        return shown
    said, say = found.found, writer()
    text = ngettext(
        "In %(weeks)s weeks it would have fired %(n)s time, for %(customers)s customers.",
        "In %(weeks)s weeks it would have fired %(n)s times, for %(customers)s customers.",
        said["fired"],
    )
    sentences = [
        text
        % {
            "weeks": say.number(said["weeks"]),
            "n": say.number(said["fired"]),
            "customers": say.number(said["customers"]),
        },
        *_outcomes(said),
    ]
    if said["held"]:
        held = _("%(n)s more began within the quiet days of one before, and would not be told.")
        sentences.append(held % {"n": say.number(said["held"])})
    sentences += basis(said)
    return shown | {"sentences": sentences, "weeks": _weeks(said)}


def _why(problem: str) -> str:
    """Say why a rule could not be tried."""
    if not problem.startswith(NO_PAST):
        return problem
    names = problem.removeprefix(NO_PAST).split(",")
    text = _("of %(facts)s no values of former days are known.")
    return text % {"facts": _(", ").join(label(name) for name in names)}


def _outcomes(said: Mapping[str, Any]) -> list[str]:
    """Say how many of them were lost, and how long before."""
    say = writer()
    if not said["with_contracts"]:
        return [_("Whether they were lost is not known: none of them had a contract.")]
    text = _(
        "Of %(n)s alerts on customers with a contract, %(after)s came before the contract ended, "
        "%(already)s when it had ended already; the contracts of the other %(open)s still run."
    )
    values = {"n": said["with_contracts"], "after": said["before"], "already": said["already"]}
    values["open"] = said["with_contracts"] - said["before"] - said["already"]
    sentences = [text % {key: say.number(value) for key, value in values.items()}]
    if said["lead_days"] is not None:
        lead = _("Median lead time: %(days)s days.")
        sentences.append(lead % {"days": say.number(said["lead_days"])})
    if said["base_rate"] is not None:
        rate = _(
            "%(share)s of those customers left within %(days)s days of the alert; of all "
            "customers with a contract %(base)s left in as many days."
        )
        shares = {"share": said["rate"], "base": said["base_rate"]}
        written = {key: say.percent(value, 1) for key, value in shares.items()}
        sentences.append(rate % (written | {"days": said["horizon"]}))
    return sentences


def _weeks(said: Mapping[str, Any]) -> Table:
    columns = (Column(_("Week up to")), Column(_("Would have fired"), number=True))
    from datetime import date

    rows = [
        [writer().day(date.fromisoformat(day)), writer().number(n)]
        for day, n in said["by_week"]
        if n
    ]
    return Table(_("Week by week"), columns, rows)


def is_over_facts(rule: AlertRule) -> bool:
    """Whether a rule has a text of its own."""
    return rule.kind in OVER_FACTS
