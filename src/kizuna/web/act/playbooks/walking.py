"""How a customer goes through a plan: from where she stands to the next wait, or the end.

Pure: the moment, what holds of her and the clock are handed in. The engine writes what comes out;
the dry run adds it up. So what was tried on the past is what happens in earnest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kizuna.web.act.playbooks.hours import Clock
from kizuna.web.act.playbooks.plan import END, MOST_TURNS, Plan, Step

type Holds = Callable[[str], bool]
"""Whether a rule holds of the customer; what is not known does not hold."""

WAITS = ("wait", "wait_until_hours")
LEADS = (*WAITS, "branch", "go_to", "end")
START = END
"""An enrolment that has not begun stands before the first step."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer is: the step she waits at, or is to do again; times she was sent back."""

    customer_id: str
    step: str = START
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Deed:
    """A step to do, and how often she had been sent back before."""

    step: Step
    turn: int


@dataclass(frozen=True, slots=True)
class Move:
    """What happens now: deeds in their order, then the wait, or how it ends.

    Attributes
    ----------
    step, turn : where she stands afterwards.
    wake_at : when she goes on; None at the end.
    ended : done, exited or lost (sent back too often, or to a step that is not there); '' else.
    passed : every step that she came to, in order.

    """

    step: str
    turn: int
    wake_at: datetime | None
    ended: str = ""
    deeds: tuple[Deed, ...] = ()
    passed: tuple[str, ...] = ()


def move(plan: Plan, at: Standing, now: datetime, holds: Holds, clock: Clock) -> Move:
    """Go on from where a customer stands."""
    if plan.exit_rule and holds(plan.exit_rule):
        return Move(at.step, at.turn, None, "exited")
    deeds: list[Deed] = []
    passed: list[str] = []
    name, turn = _next(plan, at), at.turn
    while name != END:
        step = plan.steps.get(name)
        if step is None or turn > MOST_TURNS or len(passed) > len(plan.steps) * (MOST_TURNS + 1):
            return Move(name, turn, None, "lost", tuple(deeds), tuple(passed))
        until = _until(step, at, now, clock)
        if passed or deeds or name != at.step:
            passed.append(name)
        if until is not None:
            return Move(name, turn, until, "", tuple(deeds), tuple(passed))
        if step.do not in LEADS:
            deeds.append(Deed(step, turn))
        name, turn = _from(step, turn, holds)
    return Move(END, turn, None, "done", tuple(deeds), tuple(passed))


def _next(plan: Plan, at: Standing) -> str:
    """Give the step to go on with: that after a wait that is over, or the one to do again."""
    here = plan.steps.get(at.step)
    if at.step == START or here is None:
        return plan.first if at.step == START else at.step
    return here.follows if here.do == "wait" else here.id


def _until(step: Step, at: Standing, now: datetime, clock: Clock) -> datetime | None:
    """Give how long a step holds her; None where it does not."""
    if step.do == "wait":
        until = clock.after(now, step.values)
        return until if until > now else None
    if step.do == "wait_until_hours":
        opens = clock.opening(now, step.values, at.customer_id)
        return opens if opens > now else None
    return None


def _from(step: Step, turn: int, holds: Holds) -> tuple[str, int]:
    if step.do == "branch":
        return (step.follows if holds(str(step.values.get("if", ""))) else step.otherwise), turn
    if step.do == "go_to":
        most = step.values.get("at_most", 1)
        again = isinstance(most, int) and turn < most
        return (step.follows, turn + 1) if again else (step.otherwise, turn)
    return step.follows, turn
