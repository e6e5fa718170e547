"""What people read of playbooks: steps in sentences, states, what a trial found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kizuna.jobs.dry_run import NO_PAST
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.models import State
from kizuna.web.act.playbooks.plan import Plan
from kizuna.web.act.playbooks.steps import KINDS
from kizuna.web.act.playbooks.yaml_text import YamlError
from kizuna.web.know.segments.facts import label
from kizuna.web.know.segments.wording import sentence

WHEN_WORDS = {
    "rule_begins": gettext_lazy("a rule begins to hold"),
    "rule_ends": gettext_lazy("a rule ceases to hold"),
    "segment_entered": gettext_lazy("they enter a segment"),
    "segment_left": gettext_lazy("they leave a segment"),
    "event": gettext_lazy("an event comes in"),
    "before": gettext_lazy("a date comes near"),
    "by_hand": gettext_lazy("somebody puts them in by hand"),
}
MOODS: dict[str, str] = {
    ActionState.DRAFT: "unknown",
    ActionState.DRY_RUN: "info",
    ActionState.LIVE: "good",
    ActionState.PAUSED: "caution",
    ActionState.CONCLUDED: "unknown",
}
STATE_MOODS: dict[str, str] = {
    State.GOING: "info",
    State.STUCK: "serious",
    State.DONE: "good",
    State.EXITED: "good",
    State.STOPPED: "unknown",
    State.MERGED: "unknown",
    State.HELD_OUT: "unknown",
}
ENDED_WORDS = {
    "going": gettext_lazy("still on the way"),
    "done": pgettext_lazy("trial", "went through"),
    "exited": gettext_lazy("left early"),
    "lost": gettext_lazy("went in circles"),
}
NOT_TRIED = {
    "nothing is published yet.": gettext_lazy("Nothing is published yet: import your data first."),
    "it is started by hand: the past does not tell for whom.": gettext_lazy(
        "It is started by hand: the past does not tell for whom."
    ),
}
YAML_WORDS = {
    "too_long": gettext_lazy("The text is longer than %(most)s letters."),
    "syntax": gettext_lazy("This cannot be read as YAML: %(problem)s."),
    "no_mapping": gettext_lazy("A playbook begins with its name, its trigger and its steps."),
    "reference": gettext_lazy("References to other parts (& and *) are not read."),
    "too_deep": gettext_lazy("Too many levels within one another."),
    "key": gettext_lazy("A name must be a word."),
    "twice": gettext_lazy("“%(name)s” stands here twice."),
    "tag": gettext_lazy("“%(name)s” is not read here."),
}


def yaml_finding(error: YamlError) -> Finding:
    """Say what is wrong with a text, and where."""
    text = str(YAML_WORDS[error.code]) % error.values
    return Finding(text, line=error.line, column=error.column)


def step_sentence(one: Mapping[str, Any]) -> str:
    """Put a step in one sentence; of a rule what it says, not how it is written."""
    kind = KINDS.get(str(one.get("do", "")))
    if kind is None:
        return _("A step that is not known here: %(name)s") % {"name": one.get("do", "")}
    values = dict(one)
    if "if" in values:
        values["if"] = rule_sentence(str(values["if"]))
    return kind.says(values)


def rule_sentence(text: str) -> str:
    """Say a rule in words; as it is written where it cannot be read."""
    try:
        return str(sentence(read(text, known_facts()).part))
    except RuleError:
        return text


def trigger_sentence(plan: Plan) -> str:
    """Say what makes a customer enter."""
    values = {k: v for k, v in plan.trigger.items() if v not in (None, "")}
    rule = rule_sentence(str(values.get("rule", "…")))
    named = {
        "rule_begins": lambda: _("When it begins to hold that %(rule)s") % {"rule": rule},
        "rule_ends": lambda: _("When it ceases to hold that %(rule)s") % {"rule": rule},
        "segment_entered": lambda: (
            _("When they enter the segment “%(name)s”") % {"name": values.get("segment", "…")}
        ),
        "segment_left": lambda: (
            _("When they leave the segment “%(name)s”") % {"name": values.get("segment", "…")}
        ),
        "event": lambda: _("When “%(name)s” comes in") % {"name": values.get("event", "…")},
        "before": lambda: _before(values),
    }
    return named.get(plan.when, lambda: _("When somebody puts them in by hand"))()


def _before(values: Mapping[str, Any]) -> str:
    said = {"n": values.get("business_days", "…")}
    if values.get("of") == "renewal":
        return _("%(n)s business days before the renewal") % said
    return _("%(n)s business days before the day by which notice must be given") % said


def exit_sentence(plan: Plan) -> str:
    """Say when a customer leaves early; empty where she never does."""
    parts = []
    if plan.exit_rule:
        parts.append(_("as soon as %(rule)s") % {"rule": rule_sentence(plan.exit_rule)})
    if plan.exit_event:
        parts.append(_("when “%(name)s” comes in") % {"name": plan.exit_event})
    return _(", or ").join(parts)


def again_sentence(plan: Plan) -> str:
    """Say whether the same customer enters again."""
    if plan.again == "after_days":
        return _("Enters again %(n)s days after the former time was over, at the earliest.") % {
            "n": plan.again_days
        }
    if plan.again == "after_end":
        return _("Enters again once the former time is over.")
    return _("Enters once and never again.")


def not_tried(problem: str) -> str:
    """Say why a trial could not be made."""
    if problem.startswith(NO_PAST):
        said = _(
            "Of “%(facts)s” no values of former days are known, so it cannot be tried on the past. "
            "It works from now on all the same."
        )
        return said % {"facts": labels(problem.removeprefix(NO_PAST).split(","))}
    return str(NOT_TRIED.get(problem, problem))


def labels(facts: Iterable[str]) -> str:
    """Name facts as pages do."""
    return _(", ").join(label(fact) for fact in facts)
