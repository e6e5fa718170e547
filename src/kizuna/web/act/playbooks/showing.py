"""What the pages of a playbook show, put together for their templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.messages.wording import reason
from kizuna.web.act.playbooks import doings, queries
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.models import Intake, Playbook, Rehearsal, State
from kizuna.web.act.playbooks.plan import Path, plan_of, walk
from kizuna.web.act.playbooks.warnings import warnings
from kizuna.web.act.playbooks.wording import ENDED_WORDS, MOODS, labels, not_tried, step_sentence
from kizuna.web.jobs.models import ALIVE, Job
from kizuna.web.know.alerts.past_wording import basis
from kizuna.web.know.publications.queries import published
from kizuna.web.ui.components import Tab

WEEKS, USUAL_WEEKS = (13, 26, 52), 26


def show_page(found: Playbook, person: Person) -> dict[str, Any]:
    """Give what the page of a playbook shows."""
    said = found.live.said if found.live else found.draft
    state = found.action.state
    return {
        "playbook": found,
        "told": queries.told(said, found.live, checked=found.live is None),
        "mood": MOODS[state],
        "states": queries.states(found) if found.live else [],
        "earlier": queries.earlier(found) if found.live else [],
        "evaluation": queries.latest_evaluation(found),
        "changed": found.live is not None and found.live.said != found.draft,
        "done": _done(found) if found.live else None,
        "is_live": state == ActionState.LIVE,
        "is_paused": state == ActionState.PAUSED,
        "is_over": state == ActionState.CONCLUDED,
        "may_change": person.may(Role.MANAGER),
        "may_enrol": person.may(Role.MEMBER) and state == ActionState.LIVE,
        "stuck": State.STUCK.value,
    }


def _done(found: Playbook) -> dict[str, Any]:
    """Give how much it has done, and the currency of what that cost."""
    did, state = doings.doings(found.action), published()
    many = did.tasks_open + did.tasks_done + did.tasks_dropped
    return {"found": did, "tasks": many, "currency": state.currency if state else ""}


def done_page(found: Playbook, person: Person, what: str, number: str | None) -> dict[str, Any]:
    """Give the tasks or the messages of a playbook."""
    names = {"tasks": _("Tasks"), "messages": _("Messages to customers")}
    base = reverse("playbooks:done", args=[found.pk])
    tabs = [Tab(names[one], f"{base}?what={one}", one == what) for one in doings.WHAT]
    values: dict[str, Any] = {"playbook": found, "what": what, "tabs": tabs}
    if what == "messages":
        return values | {"page": doings.messages_of(found.action, number)}
    page, rows = doings.tasks_of(found.action, person, number)
    return values | {"page": page, "rows": rows}


def live_page(found: Playbook) -> dict[str, Any]:
    """Give what is to be known before a playbook goes live."""
    errors = [one for one in check(found.draft) if one.is_error]
    return {
        "playbook": found,
        "errors": [(step_at(found.draft, one.path), one) for one in errors],
        "warnings": [] if errors else warnings(found),
        "told": queries.told(found.draft),
        "trial": queries.latest_trial(found),
        "was_live": found.live is not None,
    }


def step_at(draft: Any, path: Path) -> str:
    """Name the step that lies on a path, the innermost; empty where none does."""
    at, name = draft, ""
    for part in path:
        try:
            at = at[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(at, dict) and "do" in at:
            name = str(at.get("id") or "")
    return name


def trial_page(found: Playbook) -> dict[str, Any]:
    """Give what the latest trial found."""
    trial, state = queries.latest_trial(found), published()
    values: dict[str, Any] = {"playbook": found, "trial": trial, "weeks": WEEKS}
    values["chosen"] = trial.weeks if trial else USUAL_WEEKS
    values["has_costs"] = bool(found.action.cost_per_minute or found.action.cost_per_unit)
    if trial is None or trial.done_at is None:
        return values
    values["problem"] = not_tried(trial.problem) if trial.problem else ""
    values["is_old"] = trial.edits != found.edits
    values["currency"] = state.currency if state else "XXX"
    return values | (_found(trial) if not trial.problem else {})


def _found(trial: Rehearsal) -> dict[str, Any]:
    found = trial.found
    names = queries.names_of([one["customer"] for one in found["customers"]])
    rows = [
        one
        | {
            "name": names.get(one["customer"]) or one["customer"],
            "on": date.fromisoformat(one["on"]),
            "ended": ENDED_WORDS.get(one["ended"], one["ended"]),
        }
        for one in found["customers"]
    ]
    return {
        "found": found,
        "customers": rows,
        "basis": [*basis(found), *_not_told(trial)],
        "unknown_facts": labels(found.get("unknown", [])),
        "about": found["about"] if found.get("about", 0) > found["entered"] else None,
        "steps": _steps(trial),
        "first_on": date.fromisoformat(found["from"]),
        "last_on": date.fromisoformat(found["to"]),
        "told": queries.told(trial.said, checked=False),
    }


def _steps(trial: Rehearsal) -> list[tuple[str, int]]:
    """Give each step as a sentence, and how many customers would have come to it."""
    came = trial.found.get("came", {})
    written = walk(trial.said.get("steps") or [])
    return [(step_sentence(one), came.get(str(one.get("id", "")), 0)) for _path, one in written]


def _not_told(trial: Rehearsal) -> Iterator[str]:
    """Say what the past cannot tell of the steps."""
    if any(step.do == "escalate" for step in plan_of(trial.said).steps.values()):
        yield _(
            "Whether a task would have been done in time the past does not tell: each escalation "
            "is counted as needed."
        )


def intake_page(found: Intake) -> dict[str, Any]:
    """Give what would become of customers who are put in, or what did."""
    job = Job.objects.filter(pk=found.job).first() if found.job else None
    values: dict[str, Any] = {"intake": found, "playbook": found.playbook, "job": job}
    values["is_working"] = job is not None and job.state in ALIVE
    return values | (_looked(found) if found.looked_at and not found.begun_at else {})


def _looked(found: Intake) -> dict[str, Any]:
    look, fates = found.found, Counter(found.found["fates"])
    return {
        "look": look,
        "fates": {name: fates[name] for name in ("going", "held_out", "not_again")},
        "others": look["part"] - fates.total(),
        "unreached": [_told(one) for one in look["unreached"]],
        "is_live": found.playbook.action.state == ActionState.LIVE,
    }


def _told(one: Mapping[str, Any]) -> tuple[str, int, list[tuple[str, int]]]:
    """Give a message, whom it would not reach in all, and by reason."""
    reasons = Counter(one["reasons"])
    said = [(reason(code), many) for code, many in reasons.most_common()]
    return one["template"], reasons.total(), said
