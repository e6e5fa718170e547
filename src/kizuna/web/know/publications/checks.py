"""What each table is held to, and which run broke it: rules of the contracts, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from kizuna.pipeline.contracts import ContractError, Table, rules
from kizuna.web.know.publications.models import Publication, Status

ENDINGS = {
    " is empty": "empty",
    " is negative": "negative",
    " is above 1": "above",
    " is NaN": "no number",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A rule of a table: what it says, and by how many rows the last failing run broke it."""

    says: str
    broken_rows: int | None = None


def of_error(error: ContractError) -> list[dict[str, object]]:
    """Keep which checks of a run failed, to be shown later in any language."""
    broken: Mapping[str, int | None] = error.violations or {"": None}
    return [{"table": error.table, "rule": rule, "rows": rows} for rule, rows in broken.items()]


def checks_of(table: Table, failed: Iterable[Mapping[str, object]]) -> list[Check]:
    """List the rules of a table, those that a run broke first."""
    broken = {str(f["rule"]): f["rows"] for f in failed if f["table"] == table.name}
    known = [*(rule for rule in broken if rule not in rules(table)), *rules(table)]
    found = [Check(say(rule), _rows(broken.get(rule, 0), rule in broken)) for rule in known]
    return sorted(found, key=lambda check: check.broken_rows is None)


def failed_checks(run: Publication) -> list[tuple[str, Check]]:
    """List which tables failed which checks in a run."""
    return [
        (str(f["table"]), Check(say(str(f["rule"])), _rows(f["rows"], True)))
        for f in run.failed_checks
    ]


def last_failed() -> Publication | None:
    """Give the failing run that nothing was published after, if its checks failed."""
    latest = Publication.objects.filter(status__in=[Status.PUBLISHED, Status.FAILED])
    found = latest.order_by("-finished_at", "-pk").defer("trace", "summary").first()
    return found if found is not None and found.failed_checks else None


def say(rule: str) -> str:
    """Say what must hold, by the name of the rule that was broken."""
    for ending, kind in ENDINGS.items():
        if rule.endswith(ending):
            return _of_column(kind, rule.removesuffix(ending))
    if not rule:
        return gettext("Its columns are those of its definition")
    grain = rule.removeprefix("more than one row for a ")
    return gettext("At most one row for each %(grain)s") % {"grain": grain}


def _of_column(kind: str, column: str) -> str:
    said = {
        "empty": gettext("%(column)s is never empty"),
        "negative": gettext("%(column)s is never negative"),
        "above": gettext("%(column)s is never above 1"),
        "no number": gettext("%(column)s is always a number"),
    }
    return said[kind] % {"column": column}


def _rows(rows: object, broken: bool) -> int | None:
    return int(str(rows or 0)) if broken else None
