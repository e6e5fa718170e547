"""What is wrong with a playbook before it goes live, and what a manager should know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.contradictions import contradiction
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.plan import (
    AGAIN,
    BRANCHES,
    DATES,
    MOST_STEPS,
    MOST_TURNS,
    NEEDS,
    WHEN,
    Path,
    Plan,
    Said,
    plan_of,
    walk,
)
from kizuna.web.act.playbooks.steps import KINDS, Field
from kizuna.web.know.segments.models import Segment
from kizuna.web.know.segments.wording import problem as rule_problem

TOP = ("name", "purpose", "trigger", "again", "exit", "steps", "costs", "templates")
LONGEST_ID = 40
FEW, SURE = 12, 0.75
"""So many names are listed where the nearest is not as alike as this."""


def check(said: Said) -> list[Finding]:
    """Find what keeps a playbook from working, without looking at any customer."""
    found = [*_unknown_parts(said), *_trigger(said), *_again(said), *_exit(said), *_steps(said)]
    if any(one.is_error for one in found):
        return found
    return [*found, *_loops(plan_of(said))]


def _unknown_parts(said: Said) -> Iterator[Finding]:
    for key in said:
        if key not in TOP:
            yield _not_known((key,), key, TOP)
    if not str(said.get("name") or "").strip():
        yield Finding(_("Give the playbook a name."), ("name",))


def _not_known(path: Path, name: str, known: Any) -> Finding:
    said = _("“%(name)s” is not known here.") % {"name": name}
    return Finding(said + _meant(name, known), path)


def _meant(name: str, known: Any) -> str:
    """Guess what was meant; where that is no more than a guess and names are few, list them."""
    names = [str(one) for one in known]
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    said = [_("Did you mean “%(name)s”?") % {"name": near[0]}] if near else []
    if 0 < len(names) <= FEW and not get_close_matches(name, names, n=1, cutoff=SURE):
        said.append(_("Known here are: %(names)s.") % {"names": ", ".join(names)})
    return "".join(f" {one}" for one in said)


def _trigger(said: Said) -> Iterator[Finding]:
    trigger = said.get("trigger")
    if not isinstance(trigger, dict):
        yield Finding(_("Say what makes a customer enter."), ("trigger",))
        return
    when = str(trigger.get("when", ""))
    if when not in WHEN:
        yield _not_known(("trigger", "when"), when, WHEN)
        return
    for key in trigger:
        if key != "when" and key not in NEEDS[when]:
            yield _not_known(("trigger", key), key, NEEDS[when])
    missing = [name for name in NEEDS[when] if trigger.get(name) in (None, "")]
    for name in missing:
        yield Finding(_("“%(name)s” is missing.") % {"name": name}, ("trigger", name))
    if not missing:
        yield from _trigger_values(when, trigger)


def _trigger_values(when: str, trigger: Said) -> Iterator[Finding]:
    if "rule" in NEEDS[when]:
        yield from rule_findings(trigger["rule"], ("trigger", "rule"))
    if "segment" in NEEDS[when]:
        yield from _segment(str(trigger["segment"]))
    if when == "before":
        if trigger["of"] not in DATES:
            yield _not_known(("trigger", "of"), str(trigger["of"]), DATES)
        days = trigger["business_days"]
        if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= 500:
            text = _("Say how many business days before: a whole number from 1 to 500.")
            yield Finding(text, ("trigger", "business_days"))


def _segment(name: str) -> Iterator[Finding]:
    kept = Segment.objects.filter(name=name).first()
    if kept is None:
        others = Segment.objects.values_list("name", flat=True)[:1000]
        said = _("There is no segment called “%(name)s”.") % {"name": name}
        yield Finding(said + _meant(name, others), ("trigger", "segment"))
    elif not kept.live:
        said = _("“%(name)s” is a fixed segment: nobody ever enters it.") % {"name": name}
        yield Finding(said, ("trigger", "segment"))


def rule_findings(text: Any, path: Path) -> Iterator[Finding]:
    """Find what is wrong with a rule; at which letter, and what was perhaps meant."""
    try:
        rule = read(str(text or ""), known_facts())
    except RuleError as error:
        yield Finding(str(rule_problem(error)), path)
        return
    if impossible := contradiction(rule.part):
        said = _("No customer can ever meet this: %(conditions)s.")
        yield Finding(said % {"conditions": ", ".join(impossible)}, path)


def _again(said: Said) -> Iterator[Finding]:
    again = said.get("again", "never")
    if isinstance(again, dict):
        days = again.get("after_days")
        if set(again) != {"after_days"} or not isinstance(days, int) or not 0 < days <= 3650:
            text = _("Say after how many days a customer may enter again: 1 to 3650.")
            yield Finding(text, ("again",))
    elif again not in ("never", "after_end"):
        yield _not_known(("again",), str(again), AGAIN)


def _exit(said: Said) -> Iterator[Finding]:
    leave = said.get("exit")
    if leave is None:
        return
    if not isinstance(leave, dict):
        yield Finding(_("Write “rule” or “event” below “exit”."), ("exit",))
        return
    for key in leave:
        if key not in ("rule", "event"):
            yield _not_known(("exit", key), key, ("rule", "event"))
    if leave.get("rule"):
        yield from rule_findings(leave["rule"], ("exit", "rule"))


def _steps(said: Said) -> Iterator[Finding]:
    if not isinstance(said.get("steps"), list) or not said["steps"]:
        yield Finding(_("A playbook has at least one step."), ("steps",))
        return
    written = list(walk(said["steps"]))
    if len(written) > MOST_STEPS:
        text = _("A playbook has at most %(n)s steps; part it into two.") % {"n": MOST_STEPS}
        yield Finding(text, ("steps",))
        return
    ids = [str(one.get("id", "")) for _path, one in written if one.get("id")]
    for path, one in written:
        yield from _step(path, one, ids)


def _step(path: Path, one: Said, ids: list[str]) -> Iterator[Finding]:
    name, do = str(one.get("id") or ""), str(one.get("do", ""))
    if ids.count(name) > 1 or len(name) > LONGEST_ID:
        yield Finding(_("Two steps are called “%(name)s”.") % {"name": name}, (*path, "id"))
    kind = KINDS.get(do)
    if kind is None:
        yield _not_known((*path, "do"), do, KINDS)
        return
    allowed = ("id", "do", *(f.name for f in kind.fields), *(BRANCHES if do == "branch" else ()))
    for key in one:
        if key not in allowed:
            yield _not_known((*path, key), key, allowed)
    wrong = [found for field in kind.fields for found in _field(path, one, field)]
    yield from wrong
    if do == "go_to" and str(one.get("step", "")) not in ids:
        said = _("There is no step called “%(name)s”.") % {"name": one.get("step", "")}
        yield Finding(said + _meant(str(one.get("step", "")), ids), (*path, "step"))
    if not wrong:
        plan = plan_of({"steps": [{**one, "id": name or "x"}]})
        yield from kind.check(_placed(plan, name or "x", path))


def _placed(plan: Plan, name: str, path: Path) -> Any:
    from dataclasses import replace

    return replace(plan.steps[name], path=path)


def _field(path: Path, one: Mapping[str, Any], field: Field) -> Iterator[Finding]:
    value = one.get(field.name)
    if value in (None, ""):
        if field.required:
            said = _("“%(name)s” is missing.") % {"name": field.label}
            yield Finding(said, (*path, field.name))
        return
    if field.kind == "rule":
        yield from rule_findings(value, (*path, field.name))
    elif field.kind == "number":
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or (field.least is not None and value < field.least):
            said = _("“%(value)s” is no number that can be here.") % {"value": value}
            yield Finding(said, (*path, field.name))
    elif field.kind == "choice" and field.choices is not None:
        known = [key for key, _label in field.choices()]
        if str(value) not in known:
            yield _not_known((*path, field.name), str(value), known)


def _loops(plan: Plan) -> Iterator[Finding]:
    """Find steps that send back without any wait on the way: customers would run in circles."""
    for step in plan.steps.values():
        if step.do != "go_to":
            continue
        most = step.values.get("at_most", 1)
        if isinstance(most, int) and most > MOST_TURNS:
            said = _("A step sends back at most %(n)s times.") % {"n": MOST_TURNS}
            yield Finding(said, (*step.path, "at_most"))
        if _comes_back(plan, step.follows, step.id):
            said = _("This leads back to “%(name)s” without a wait: add a wait on the way.")
            yield Finding(said % {"name": step.values.get("step", "")}, step.path)


def _comes_back(plan: Plan, start: str, goal: str) -> bool:
    """Whether a step is reached from another on a way that has no wait of some length."""
    waiting, seen = [start], set[str]()
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        step = plan.steps.get(name)
        if name in seen or step is None or step.do == "wait":
            continue
        seen.add(name)
        waiting += [step.follows, step.otherwise]
    return False
