"""A playbook as data: what starts it, its steps, when it ends; read from what a person wrote.

`said` is the form in which people write and the database keeps it: mappings, lists, texts and
numbers. A `Plan` is what the engine follows: every step by its id, and which one follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

type Said = dict[str, Any]
type Path = tuple[str | int, ...]

END = ""
WHEN = (
    "rule_begins",
    "rule_ends",
    "segment_entered",
    "segment_left",
    "event",
    "before",
    "by_hand",
)
NEEDS: Mapping[str, tuple[str, ...]] = {
    "rule_begins": ("rule",),
    "rule_ends": ("rule",),
    "segment_entered": ("segment",),
    "segment_left": ("segment",),
    "event": ("event",),
    "before": ("of", "business_days"),
    "by_hand": (),
}
"""What each trigger names."""
DATES: Mapping[str, str] = {"renewal": "days_to_renewal", "notice": "days_to_notice"}
"""Dates that a trigger counts back from, and the facts that say how far off they are."""
AGAIN = ("never", "after_end", "after_days")
BRANCHES = ("then", "else")
MOST_STEPS = 60
MOST_TURNS = 50
"""Times in all that one enrolment may be sent back."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it does, what follows, and for a branch what follows where it does not hold."""

    id: str
    do: str
    values: Mapping[str, Any]
    follows: str = END
    otherwise: str = END
    path: Path = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine follows."""

    when: str
    trigger: Mapping[str, Any]
    first: str
    steps: Mapping[str, Step]
    exit_rule: str = ""
    exit_event: str = ""
    again: str = "never"
    again_days: int = 0

    @property
    def rules(self) -> tuple[str, ...]:
        """Texts of the rules that are asked on the way."""
        asked = [self.exit_rule, *(str(s.values.get("if", "")) for s in self.steps.values())]
        return tuple(dict.fromkeys(text for text in asked if text))


@dataclass(slots=True)
class _Laid:
    """Steps while they are laid out."""

    steps: dict[str, Step] = field(default_factory=dict)


def plan_of(said: Said) -> Plan:
    """Lay out what was said; what makes no sense in it is left out, and `checking` says so."""
    laid, trigger, leave = _Laid(), _mapping(said, "trigger"), _mapping(said, "exit")
    again = said.get("again", "never")
    days = again.get("after_days", 0) if isinstance(again, dict) else 0
    first = _lay(laid, _list(said, "steps"), END, ("steps",), 0)
    return Plan(
        when=str(trigger.get("when", "by_hand")),
        trigger={key: value for key, value in trigger.items() if key != "when"},
        first=first,
        steps=laid.steps,
        exit_rule=str(leave.get("rule", "") or ""),
        exit_event=str(leave.get("event", "") or ""),
        again="after_days" if isinstance(again, dict) else str(again),
        again_days=days if isinstance(days, int) else 0,
    )


def _lay(laid: _Laid, written: Sequence[Any], after: str, path: Path, depth: int) -> str:
    """Lay out a list of steps that goes on with `after`; give the id of the first."""
    follows = after
    for at, one in reversed(list(enumerate(written))):
        if isinstance(one, dict):
            follows = _step(laid, one, follows, (*path, at), depth)
    return follows


def _step(laid: _Laid, one: Said, follows: str, path: Path, depth: int) -> str:
    name, do = str(one.get("id") or _name(path)), str(one.get("do", ""))
    values = {k: v for k, v in one.items() if k not in ("id", "do", *BRANCHES)}
    inner = {
        branch: _lay(laid, _list(one, branch), follows, (*path, branch), depth + 1)
        for branch in (BRANCHES if do == "branch" else ())
    }
    if do == "go_to":
        goes, otherwise = str(one.get("step", "")), follows
    else:
        goes, otherwise = inner.get("then", follows), inner.get("else", follows)
    if do == "end":
        goes = END
    laid.steps[name] = Step(name, do, values, goes, otherwise, path, depth)
    return name


def _name(path: Path) -> str:
    """Name a step that nobody named by where it stands."""
    return "s" + "-".join(str(part) for part in path[1:])


def walk(written: Sequence[Any], path: Path = ("steps",)) -> Iterator[tuple[Path, Said]]:
    """Give every step as it was written, from the top of the page to its bottom."""
    for at, one in enumerate(written):
        here = (*path, at)
        if isinstance(one, dict):
            yield here, one
            for branch in BRANCHES:
                yield from walk(_list(one, branch), (*here, branch))


def named(said: Said) -> Said:
    """Give every step an id that it keeps, whatever is moved around it."""
    made: Said = _copy(said)
    taken = {str(one["id"]) for _path, one in walk(_list(made, "steps")) if one.get("id")}
    for _path, one in walk(_list(made, "steps")):
        if not one.get("id"):
            one["id"] = fresh_id(str(one.get("do", "step")), taken)
            taken.add(one["id"])
    return made


def fresh_id(do: str, taken: set[str]) -> str:
    """Make an id of what a step does: wait, wait-2, wait-3."""
    base = re.sub(r"[^a-z0-9]+", "-", do.lower()).strip("-") or "step"
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


copy_of = _copy


def _mapping(said: Said, name: str) -> Said:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _list(said: Said, name: str) -> list[Any]:
    found = said.get(name)
    return found if isinstance(found, list) else []


@lru_cache(maxsize=500)
def _kept(pk: int, text: str) -> Plan:
    import json

    return plan_of(json.loads(text))


def kept_plan(pk: int, said: Said) -> Plan:
    """Lay out a version once: it never changes."""
    import json

    return _kept(pk, json.dumps(said, sort_keys=True))
