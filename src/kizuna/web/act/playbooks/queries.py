"""Reads: playbooks with their counts, a playbook step by step, who is in it, what a trial found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.models import (
    OPEN,
    Enrolment,
    Evaluation,
    Intake,
    Passed,
    Playbook,
    Rehearsal,
    State,
    Version,
)
from kizuna.web.act.playbooks.plan import BRANCHES, Path, Said, plan_of
from kizuna.web.act.playbooks.steps import KINDS
from kizuna.web.act.playbooks.wording import (
    MOODS,
    STATE_MOODS,
    again_sentence,
    exit_sentence,
    step_sentence,
    trigger_sentence,
)
from kizuna.web.know.customers.models import CustomerFact

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A playbook in the list."""

    playbook: Playbook
    mood: str
    going: int
    stuck: int
    done: int
    held_out: int


@dataclass(slots=True)
class Line:
    """A step on the page, with its branches below it and what is wrong with it."""

    id: str
    do: str
    icon: str
    label: str
    text: str
    findings: list[Finding] = field(default_factory=list)
    branches: list[tuple[str, list[Line]]] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False
    came: int = 0
    here: int = 0
    stuck: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A playbook in words."""

    trigger: str
    leaves: str
    again: str
    lines: list[Line]
    findings: list[Finding]

    @property
    def errors(self) -> int:
        """How many things keep it from going live."""
        return sum(one.is_error for one in self.findings)


def playbooks() -> list[Listed]:
    """Give all playbooks, those that live first."""
    kept = Playbook.objects.select_related("action", "action__owner", "live").annotate(
        going=Count("enrolments", Q(enrolments__state=State.GOING)),
        stuck=Count("enrolments", Q(enrolments__state=State.STUCK)),
        done=Count("enrolments", Q(enrolments__state__in=[State.DONE, State.EXITED])),
        held=Count("enrolments", Q(enrolments__state=State.HELD_OUT)),
    )
    order = list(MOODS)
    rows = [Listed(p, MOODS[p.action.state], p.going, p.stuck, p.done, p.held) for p in kept]
    lives = {"live": 0, "paused": 1}
    return sorted(
        rows,
        key=lambda row: (
            lives.get(row.playbook.action.state, 2 + order.index(row.playbook.action.state)),
            row.playbook.action.name,
        ),
    )


def playbook(pk: int) -> Playbook | None:
    """Find one."""
    kept = Playbook.objects.select_related("action", "action__owner", "live", "changed_by")
    return kept.filter(pk=pk).first()


def live_ones() -> QuerySet[Playbook]:
    """Give the playbooks that customers enter now, by name."""
    kept = Playbook.objects.filter(action__state=ActionState.LIVE, live__isnull=False)
    return kept.select_related("action").order_by("action__name")


def intake(pk: int, number: int) -> Intake | None:
    """Give customers who are put in, or are to be."""
    kept = Intake.objects.select_related("playbook__action", "playbook__live", "segment", "by")
    return kept.filter(playbook=pk, pk=number).first()


def told(said: Said, version: Version | None = None, *, checked: bool = True) -> Told:
    """Put a playbook in words; with a version, its counts at each step."""
    plan = plan_of(said)
    findings = check(said) if checked else []
    counts = _counts(version) if version else {}
    steps = said.get("steps")
    lines = _lines(steps if isinstance(steps, list) else [], ("steps",), findings, counts)
    return Told(trigger_sentence(plan), exit_sentence(plan), again_sentence(plan), lines, findings)


def _lines(
    steps: Sequence[Any],
    path: Path,
    findings: Sequence[Finding],
    counts: Mapping[str, Mapping[str, int]],
) -> list[Line]:
    made = []
    for at, one in enumerate(steps):
        if not isinstance(one, dict):
            continue
        here = (*path, at)
        line = _line(one, here, findings, counts)
        line.is_first, line.is_last = at == 0, at == len(steps) - 1
        if line.do == "branch":
            line.branches = [
                (branch, _lines(one.get(branch) or [], (*here, branch), findings, counts))
                for branch in BRANCHES
            ]
        made.append(line)
    return made


def _line(
    one: Said, path: Path, findings: Sequence[Finding], counts: Mapping[str, Mapping[str, int]]
) -> Line:
    name, do = str(one.get("id", "")), str(one.get("do", ""))
    kind = KINDS.get(do)
    mine = [f for f in findings if _is_of(f.path, path)]
    found = counts.get(name, {})
    return Line(
        id=name,
        do=do,
        icon=kind.icon if kind else "unknown",
        label=str(kind.label) if kind else do,
        text=step_sentence(one),
        findings=mine,
        came=found.get("came", 0),
        here=found.get(State.GOING, 0),
        stuck=found.get(State.STUCK, 0),
        failed=found.get("failed", 0),
    )


def _is_of(found: Path, path: Path) -> bool:
    """Whether a finding is about a step itself, not about one in its branches."""
    rest = found[len(path) :]
    return found[: len(path)] == path and not (len(rest) > 1 and rest[0] in BRANCHES)


def _counts(version: Version) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    open_ones = Enrolment.objects.filter(version=version, state__in=OPEN)
    for state, step, many in open_ones.values_list("state", "step").annotate(n=Count("pk")):
        found.setdefault(step, Counter())[state] += many
    for row in Passed.objects.filter(version=version):
        found.setdefault(row.step, Counter()).update(came=row.came, failed=row.failed)
    return found


def states(found: Playbook) -> list[tuple[str, str, int, str]]:
    """Count the customers of a playbook by where they stand: value, word, count, mood."""
    now = Enrolment.objects.filter(playbook=found).values_list("state").annotate(n=Count("pk"))
    rows = Counter(dict(now)) + Counter(dict(found.went.values_list("state", "many")))
    return [
        (state.value, str(state.label), rows[state], STATE_MOODS[state])
        for state in State
        if rows[state] or state in (State.GOING, State.DONE, State.HELD_OUT)
    ]


def earlier(found: Playbook) -> list[tuple[Version, int]]:
    """Give former versions by which customers are still on the way."""
    rows = (
        Enrolment.objects.filter(playbook=found, state__in=OPEN)
        .exclude(version=found.live)
        .values_list("version")
        .annotate(n=Count("pk"))
    )
    many = dict(rows)
    return [(v, many[v.pk]) for v in Version.objects.filter(pk__in=many).order_by("-number")]


def latest_evaluation(found: Playbook) -> Evaluation | None:
    """Give what the trigger did after the latest publication."""
    return Evaluation.objects.filter(playbook=found).order_by("-publication").first()


def latest_trial(found: Playbook) -> Rehearsal | None:
    """Give the latest trial on the past."""
    return Rehearsal.objects.filter(playbook=found).order_by("-asked_at", "-pk").first()


def enrolments(
    found: Playbook, state: str, step: str, number: str | None
) -> tuple[Page[Enrolment], list[tuple[Enrolment, str, str]]]:
    """Give a page of the customers of a playbook, the latest first, with their names."""
    kept = Enrolment.objects.filter(playbook=found).select_related("version")
    if state in State.values:
        kept = kept.filter(state=state)
    if step:
        kept = kept.filter(step=step)
    page = Paginator(kept.order_by("-entered_at", "-pk"), A_PAGE).get_page(number)
    names = names_of([row.customer_id for row in page])
    moods = STATE_MOODS
    return page, [
        (row, names.get(row.customer_id) or row.customer_id, moods[State(row.state)])
        for row in page
    ]


def names_of(ids: Sequence[str]) -> dict[str, str | None]:
    """Give the names of customers."""
    return dict(CustomerFact.objects.filter(pk__in=ids).values_list("customer_id", "name"))
