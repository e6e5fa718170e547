"""A step makes one table: a SELECT in `<table>.sql`, or a function in `<table>.py`.

A SELECT that is written from the tables' contracts is the constant `SQL` of `<table>.py`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kizuna.pipeline.lineage import LineageError, reads
from kizuna.pipeline.tables import TABLES

if TYPE_CHECKING:
    from kizuna.pipeline.engine import Engine

STAGES = ("capture", "know", "measure")


class StepError(ValueError):
    """Steps that cannot be run: they read in a circle, or read what nobody makes."""


@dataclass(frozen=True, slots=True)
class Step:
    """How one table is made, and from which.

    Attributes
    ----------
    name : the table made.
    reads : the tables read.
    sql : one SELECT in DuckDB's dialect; or
    function : called with an Arrow table for each table read, and `run`; gives an Arrow table; or
    work : called with the engine that holds the tables read; gives an Arrow table, or None.
    aside : the table is for other steps alone, or there is none: it is neither kept nor told of.

    """

    name: str
    reads: tuple[str, ...]
    sql: str | None = None
    function: Callable[..., pa.Table] | None = None
    work: Callable[[Engine], pa.Table | None] | None = None
    aside: bool = False


def sql_step(name: str, sql: str) -> Step:
    """Make a step of a SELECT; raise `StepError` where it is not one."""
    try:
        return Step(name, reads(sql), sql=sql)
    except LineageError as error:
        raise StepError(f"step {name}: {error}") from error


def function_step(function: Callable[..., pa.Table], name: str | None = None) -> Step:
    """Make a step of a function: its positional parameters name the tables that it reads."""
    parameters = inspect.signature(function).parameters.values()
    tables = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    return Step(name or function.__name__, tables, function=function)


def table_step(name: str, data: pa.Table) -> Step:
    """Make a step of a ready table, e.g. an own map of segments in place of the packaged one."""
    return Step(name, (), function=lambda *, run: data)


@functools.cache
def discover(*stages: str) -> tuple[Step, ...]:
    """Find the steps of the stages (all, if none is named) by their files."""
    found = (step for stage in stages or STAGES for step in _steps_of(stage))
    return tuple(sorted(found, key=lambda step: step.name))


def select(steps: Iterable[Step], *targets: str, given: Iterable[str] = ()) -> tuple[Step, ...]:
    """Keep the steps that the targets need, directly or through others.

    Tables `given` are there already: neither they nor what only they need is made again.

    Raises
    ------
    StepError
        When no step makes a target.

    """
    there = set(given)
    by_name = {step.name: step for step in steps if step.name not in there}
    for target in targets:
        if target not in by_name.keys() | there:
            raise StepError(f"no step makes {target!r}; {_advice(target, by_name.keys())}")
    wanted, open_names = set[str](), list(targets)
    while open_names:
        name = open_names.pop()
        if name in by_name and name not in wanted:
            wanted.add(name)
            open_names.extend(by_name[name].reads)
    return tuple(step for name, step in by_name.items() if name in wanted)


def in_order(steps: Iterable[Step], known: Iterable[str]) -> tuple[Step, ...]:
    """Order steps so that each comes after those it reads; `known` tables are there already.

    Raises
    ------
    StepError
        When steps read one another in a circle, or a table that is neither made nor known.

    """
    by_name = {step.name: step for step in steps}
    _check_known(by_name, frozenset(known) | {"run"})
    graph = {name: [r for r in step.reads if r in by_name] for name, step in by_name.items()}
    try:
        return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise StepError(f"steps read one another in a circle: {circle}") from error


def replaced(steps: Iterable[Step], *others: Step) -> tuple[Step, ...]:
    """Put other steps in the place of those that make the same tables, or add them."""
    by_name = {step.name: step for step in (*steps, *others)}
    return tuple(by_name.values())


def _check_known(by_name: dict[str, Step], known: frozenset[str]) -> None:
    there = known | by_name.keys()
    for step in by_name.values():
        for name in step.reads:
            if name not in there:
                raise StepError(
                    f"step {step.name} reads {name!r}, which no step makes and nothing "
                    f"provides; {_advice(name, there)}"
                )


def _advice(name: str, there: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(there), n=3)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {sorted(there)}"


def _steps_of(stage: str) -> Iterable[Step]:
    for file in files(f"kizuna.pipeline.{stage}").iterdir():
        name, _, suffix = file.name.partition(".")
        if suffix == "sql":
            yield sql_step(name, file.read_text(encoding="utf-8"))
        elif suffix == "py" and name in TABLES:
            yield from _function_steps(import_module(f"kizuna.pipeline.{stage}.{name}"), name)


def _function_steps(module: Any, name: str) -> Iterable[Step]:
    """Give the module's step; a function without `run` is not one."""
    if hasattr(module, "SQL"):
        yield sql_step(name, module.SQL)
        return
    function = getattr(module, name, None)
    if function is not None and "run" in inspect.signature(function).parameters:
        yield function_step(function)
