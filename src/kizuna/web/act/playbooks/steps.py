"""What a step can be: each kind is registered with its fields, its check, and what it does.

An app that acts on customers adds its own kind when it starts, by `register`. What a step does is
written in the transaction that advances the customer; whatever leaves the house goes through an
outbox, so that a step which is undone has told nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from kizuna.web.act.playbooks.findings import Finding
    from kizuna.web.act.playbooks.models import Enrolment
    from kizuna.web.act.playbooks.plan import Step

type Words = str | Promise
type Choices = Callable[[], Sequence[tuple[str, Words]]]


@dataclass(frozen=True, slots=True)
class Field:
    """What a person says about a step; `kind` is text, long, number, rule or choice."""

    name: str
    label: Words
    kind: str = "text"
    required: bool = True
    help: Words = ""
    choices: Choices | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """A step about to be done: `key` names it, once and for all, for this customer."""

    enrolment: Enrolment
    step: Step
    customer_id: str
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What doing a step once takes: minutes of a person, and units that are paid for."""

    minutes: float = 0.0
    units: int = 0


def no_check(step: Step) -> Iterable[Finding]:
    """Find nothing beyond what every step is checked for."""
    return ()


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step. `run` is None for those that only lead the way: wait, branch, go to, end.

    `run` may raise `StepError`: the step is tried again later, and after several tries the
    customer is shown as stuck. `says` puts a step in one sentence.
    """

    name: str
    label: Words
    fields: tuple[Field, ...]
    says: Callable[[Mapping[str, Any]], str]
    check: Callable[[Step], Iterable[Finding]] = no_check
    run: Callable[[Doing], str] | None = None
    expects: Callable[[Mapping[str, Any]], Expected] = lambda values: Expected()
    icon: str = "dot"


class StepError(Exception):
    """A step cannot be done now; the message says why, in the words of whoever reads."""


KINDS: dict[str, StepKind] = {}


def register(kind: StepKind) -> None:
    """Add a kind of step; called from `AppConfig.ready`."""
    KINDS[kind.name] = kind
