"""Changing a draft: steps are added, changed, moved and removed in what was said of it."""

from __future__ import annotations

from typing import Any

from kizuna.web.act.playbooks.plan import BRANCHES, Said, copy_of, fresh_id, named, walk

START = "start"


class NoStepError(LookupError):
    """There is no such step, or no such place."""


def step_of(said: Said, name: str) -> Said:
    """Find a step by its id."""
    return _found(said, name)[0][_found(said, name)[1]]  # type: ignore[no-any-return]


def add(said: Said, place: str, do: str, values: Said) -> tuple[Said, str]:
    """Add a step at a place: `start`, `after:<id>`, or `then:<id>` and `else:<id>` of a branch."""
    made = named(said)
    steps, at = _place(made, place)
    taken = {str(one["id"]) for _path, one in walk(made["steps"])}
    name = fresh_id(do, taken)
    steps.insert(at, {"id": name, "do": do, **_filled(values)})
    return made, name


def change(said: Said, name: str, values: Said) -> Said:
    """Say something else of a step; what stands in its branches stays."""
    made = named(said)
    steps, at = _found(made, name)
    kept = {key: value for key, value in steps[at].items() if key in ("id", "do", *BRANCHES)}
    steps[at] = {**kept, **_filled(values)}
    return made


def remove(said: Said, name: str) -> Said:
    """Take a step out, with what stands in its branches."""
    made = named(said)
    steps, at = _found(made, name)
    del steps[at]
    return made


def shift(said: Said, name: str, by: int) -> Said:
    """Move a step up (-1) or down (1) among its neighbours."""
    made = named(said)
    steps, at = _found(made, name)
    to = at + by
    if 0 <= to < len(steps):
        steps[at], steps[to] = steps[to], steps[at]
    return made


def put(said: Said, part: str, value: Any) -> Said:
    """Replace a part of the draft; None takes it out."""
    made: Said = copy_of(said)
    if value in (None, {}, ""):
        made.pop(part, None)
    else:
        made[part] = value
    return made


def _filled(values: Said) -> Said:
    return {key: value for key, value in values.items() if value not in (None, "")}


def _place(made: Said, place: str) -> tuple[list[Any], int]:
    if place == START:
        return made.setdefault("steps", []), 0
    how, _, name = place.partition(":")
    steps, at = _found(made, name)
    if how == "after":
        return steps, at + 1
    if how in BRANCHES and steps[at].get("do") == "branch":
        return steps[at].setdefault(how, []), 0
    raise NoStepError(place)


def _found(said: Said, name: str) -> tuple[list[Any], int]:
    found = _search(said.get("steps") or [], name)
    if found is None:
        raise NoStepError(name)
    return found


def _search(steps: list[Any], name: str) -> tuple[list[Any], int] | None:
    for at, one in enumerate(steps):
        if one.get("id") == name:
            return steps, at
        for branch in BRANCHES:
            if found := _search(one.get(branch) or [], name):
                return found
    return None
