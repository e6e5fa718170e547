"""What the pages of a playbook show, put together for their templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.playbooks import queries
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.models import Playbook, Rehearsal, State
from kizuna.web.act.playbooks.plan import plan_of
from kizuna.web.act.playbooks.warnings import warnings
from kizuna.web.act.playbooks.wording import ENDED_WORDS, MOODS, labels, not_tried
from kizuna.web.know.alerts.past_wording import basis
from kizuna.web.know.publications.queries import published

WEEKS = (13, 26, 52)


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
        "is_live": state == ActionState.LIVE,
        "is_paused": state == ActionState.PAUSED,
        "is_over": state == ActionState.CONCLUDED,
        "may_change": person.may(Role.MANAGER),
        "may_enrol": person.may(Role.MEMBER) and state == ActionState.LIVE,
        "stuck": State.STUCK.value,
    }


def live_page(found: Playbook) -> dict[str, Any]:
    """Give what is to be known before a playbook goes live."""
    errors = [one for one in check(found.draft) if one.is_error]
    return {
        "playbook": found,
        "errors": errors,
        "warnings": [] if errors else warnings(found),
        "told": queries.told(found.draft),
        "trial": queries.latest_trial(found),
        "was_live": found.live is not None,
    }


def trial_page(found: Playbook) -> dict[str, Any]:
    """Give what the latest trial found."""
    trial, state = queries.latest_trial(found), published()
    values: dict[str, Any] = {"playbook": found, "trial": trial, "weeks": WEEKS}
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
        "first_on": date.fromisoformat(found["from"]),
        "last_on": date.fromisoformat(found["to"]),
        "told": queries.told(trial.said, checked=False),
    }


def _not_told(trial: Rehearsal) -> Iterator[str]:
    """Say what the past cannot tell of the steps."""
    if any(step.do == "escalate" for step in plan_of(trial.said).steps.values()):
        yield _(
            "Whether a task would have been done in time the past does not tell: each escalation "
            "is counted as needed."
        )
