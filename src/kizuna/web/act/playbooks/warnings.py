"""What a manager should know before a playbook goes live, with how many customers it concerns."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kizuna.experiments.power import Sizing
from kizuna.pipeline.errors import InputError
from kizuna.web.act.messages.addressing import contacts_of
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.kinds_beside import template_of, unfilled
from kizuna.web.act.playbooks.models import Playbook, Rehearsal
from kizuna.web.act.playbooks.plan import Plan, plan_of
from kizuna.web.act.playbooks.triggers import rule_text
from kizuna.web.act.playbooks.truths import rule_of
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import ContactRole
from kizuna.web.know.segments.facts import label
from kizuna.web.know.segments.queries import checked, matching
from kizuna.web.ui.templatetags.ui import writer

EVERYONE = 0.8
"""A trigger that holds of a larger share of all customers is one of everyone."""
VARIATION, WORTH = 1.5, 0.10
"""Usual spread of what customers spend over its mean, and the effect that is asked for."""
YEAR_WEEKS = 52
RULED = ("rule_begins", "segment_entered")
LOOKED_AT = 500


def warnings(playbook: Playbook) -> list[Finding]:
    """Find what is to be read before the draft goes live."""
    found = [one for one in check(playbook.draft) if not one.is_error]
    plan = plan_of(playbook.draft)
    return [
        *found,
        *_audience(plan),
        *_unknown_of_many(plan),
        *_unfilled(plan),
        *_without_person(plan),
        *_holdout(playbook),
    ]


def _audience(plan: Plan) -> Iterator[Finding]:
    """Warn of an audience of everyone."""
    if plan.when not in ("rule_begins", "segment_entered"):
        return
    try:
        found = checked(rule_of(rule_text(plan)))
    except InputError:
        return
    everyone = CustomerFact.objects.count()
    if found and everyone and found.customers >= EVERYONE * everyone:
        said = _("The trigger holds of almost everyone: %(n)s of %(all)s customers.")
        text = said % {"n": found.customers, "all": everyone}
        yield Finding(text, ("trigger",), is_error=False, customers=found.customers)


def _unknown_of_many(plan: Plan) -> Iterator[Finding]:
    """Warn of rules that read what is not known of customers: these take the way of “no”."""
    for step in plan.steps.values():
        text = str(step.values.get("if", ""))
        if not text:
            continue
        for fact in rule_of(text).facts:
            try:
                found = checked(rule_of(f"{fact} IS NULL"))
            except InputError:
                continue
            if found and found.customers:
                said = _("“%(fact)s” is not known of %(n)s customers; they take the way of “no”.")
                words = said % {"fact": label(fact), "n": found.customers}
                yield Finding(words, (*step.path, "if"), False, found.customers)


def _unfilled(plan: Plan) -> Iterator[Finding]:
    """Warn of messages with a placeholder that nothing fills for some who would get them."""
    steps = [step for step in plan.steps.values() if step.do == "message"]
    ids = _some_of(plan) if steps else []
    for step in steps:
        template = template_of(str(step.values.get("template", "")))
        missing = unfilled(template, ids) if template else {}
        for name, many in sorted(missing.items()):
            said = _("“%(name)s” in “%(template)s” is empty for %(n)s of %(all)s customers.")
            values = {"name": name, "template": template.name if template else "", "n": many}
            words = said % (values | {"all": len(ids)})
            yield Finding(words, (*step.path, "template"), False, many)


def _without_person(plan: Plan) -> Iterator[Finding]:
    """Warn of messages to a person whom nobody has noted at some of the customers."""
    steps = [s for s in plan.steps.values() if s.do == "message" and s.values.get("to")]
    ids = _some_of(plan) if steps else []
    there = contacts_of(ids, [str(step.values["to"]) for step in steps])
    for step in steps:
        role = str(step.values["to"])
        if many := sum((one, role) not in there for one in ids):
            said = _("No %(person)s is noted at %(n)s of %(all)s customers: they get no message.")
            word = ContactRole(role).label if role in ContactRole.values else role
            words = said % {"person": word, "n": many, "all": len(ids)}
            yield Finding(words, (*step.path, "to"), False, many)


def _some_of(plan: Plan) -> list[str]:
    """Give customers of the trigger's rule, up to so many; any where it has none."""
    try:
        found = matching(rule_of(rule_text(plan)), 1) if plan.when in RULED else None
    except InputError:
        found = None
    if found is not None and found.items:
        return [str(row["customer_id"]) for row in found.items]
    return list(CustomerFact.objects.order_by("pk").values_list("pk", flat=True)[:LOOKED_AT])


def _holdout(playbook: Playbook) -> Iterator[Finding]:
    """Warn of a share held out by which the effect would never be known."""
    action = playbook.action
    if not action.is_optional:
        return
    if not action.holdout:
        said = _("Nobody is held out: what this playbook earns will never be known.")
        yield Finding(said, ("name",), is_error=False)
        return
    a_year = _a_year(playbook)
    if a_year is None:
        return
    sizing = Sizing(VARIATION, always_on=action.always_on)
    needed = sizing.customers(WORTH, action.holdout)
    if a_year * 2 < needed:
        said = _(
            "About %(year)s customers a year would enter; to tell an effect of a tenth, "
            "%(needed)s are needed with %(share)s %% held out. It may never be known what it earns."
        )
        values = {"year": writer().number(a_year), "needed": writer().number(needed)}
        values |= {"share": writer().number(round(100 * action.holdout))}
        yield Finding(said % values, ("name",), is_error=False, customers=a_year)


def _a_year(playbook: Playbook) -> int | None:
    """Say how many would enter in a year, by the last trial on the past."""
    kept = Rehearsal.objects.filter(playbook=playbook, problem="").exclude(done_at=None)
    last = kept.order_by("-asked_at").first()
    if last is None:
        return None
    entered = last.found.get("about", last.found.get("entered", 0))
    return round(float(entered) * YEAR_WEEKS / last.weeks)
