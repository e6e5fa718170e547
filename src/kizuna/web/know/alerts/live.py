"""Look at customers of whom something just came in: their facts of this moment, by the same SQL.

Who has events of the last day alone is looked at: history that is brought in raises nothing. The
looks have a thread of their own beside the drain.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

import pyarrow as pa
from django.utils import timezone

from kizuna.jobs.drain import Batch
from kizuna.jobs.leading import leading
from kizuna.jobs.past_facts import facts_as_of
from kizuna.jobs.stakes import FACTS as STAKES
from kizuna.jobs.watch import Frame, Watched, compare_in
from kizuna.pipeline.engine import Engine, identifier
from kizuna.web.capture.identities.models import Link
from kizuna.web.jobs.beside import Beside, again
from kizuna.web.know.alerts.conditions import FACTS, past_of, readable
from kizuna.web.know.alerts.evaluating import in_use
from kizuna.web.know.alerts.models import AlertRule, Touched
from kizuna.web.know.alerts.raising import take
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import run_options, store

AT_ONCE = 2_000
"""Customers of one look."""
POLL_SECONDS = 0.1


def touched(batch: Batch) -> None:
    """Note of whom something of now came in; where nothing is watched, of nobody."""
    if not batch.recent or not AlertRule.objects.filter(is_on=True).exists():
        return
    now = timezone.now()
    Touched.objects.bulk_create(
        [Touched(customer_id=key, at=now) for key in sorted(batch.recent)],
        update_conflicts=True,
        unique_fields=["customer_id"],
        update_fields=["at"],
    )


def looking() -> AbstractContextManager[bool]:
    """Let one process look at a time; False where another does."""
    return leading(store().folder, ".looks-lock")


def look_and_send() -> bool:
    """Look once, have what is told sent; False where nobody waits to be looked at."""
    from kizuna.web.know.alerts.tasks import sending_due

    if not Touched.objects.exists():
        return False
    if look():
        sending_due()
    return True


LOOKS = Beside("looks", looking, again(look_and_send, POLL_SECONDS))


def look() -> int:
    """Evaluate every rule on who was touched; give how many alerts were told.

    Who is touched meanwhile has a later mark, and is looked at again.
    """
    marks = dict(Touched.objects.order_by("at").values_list("customer_id", "at")[:AT_ONCE])
    state, rules = published(), in_use()
    if not marks:
        return 0
    told = 0
    if state is not None and state.has(FACTS) and rules:
        told = _evaluate(state, rules, _as_now(list(marks)))
    Touched.objects.filter(pk__in=list(marks), at__lte=max(marks.values())).delete()
    return told


def _evaluate(state: Published, rules: dict[int, AlertRule], ids: Sequence[str]) -> int:
    as_of = state.publication.as_of
    if not ids or as_of is None:
        return 0
    today = max(timezone.localdate(), as_of)
    watched, _refused = readable(rules.values(), state.currency)
    read = {name for one in watched for name in one.facts}
    fresh = facts_as_of(store(), today, run_options(), ids, only=read, currency=state.currency)
    panel, trail = past_of(state)
    with Engine(threads=2) as engine:
        former, latest = _rows(engine, state, fresh, {*read, *STAKES})
        frames = Frame(as_of, rows=former), Frame(today, rows=latest)
        if former.num_rows == fresh.num_rows:  # nobody is new: what is not worked out is as it was
            watched = [one for one in watched if may_turn(one, fresh.column_names)]
        found = compare_in(engine, *frames, watched, panel=panel, trail=trail, live=True)
    tally = take(turned=found.turned, rules=rules, currency=state.currency, at=timezone.now())
    return tally.told.total()


def may_turn(one: Watched, fresh: Collection[str]) -> bool:
    """Whether facts that were worked out anew can turn a rule of somebody who was told of before.

    What goes by the day turns by itself, and so may what is compared with the past.
    """
    return bool(
        set(one.facts).intersection(fresh) or one.condition.trends or '"day"' in one.condition.sql
    )


def _as_now(keys: Sequence[str]) -> list[str]:
    """Give customers under the names that they have now."""
    links = Link.objects.filter(raw_customer_id__in=keys)
    now = dict(links.values_list("raw_customer_id", "customer_id"))
    return sorted({now.get(key, key) for key in keys})


def rows_before_and_now(state: Published, fresh: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give the published facts of some customers, and the same with what is fresh put in."""
    with Engine(threads=2) as engine:
        return _rows(engine, state, fresh, None)


def _rows(
    engine: Engine, state: Published, fresh: pa.Table, only: Collection[str] | None
) -> tuple[pa.Table, pa.Table]:
    """Give both; of the facts those alone that are wanted, or all."""
    engine.register("fresh", fresh)
    engine.register_parquet("facts", state.files(FACTS))
    there = engine.schema("facts").names
    wanted = there if only is None else [n for n in there if n in {*only, "customer_id"}]
    columns = ", ".join(map(identifier, wanted))
    former = engine.query(f"SELECT {columns} FROM facts SEMI JOIN fresh USING (customer_id)")
    engine.register("former", former)
    new = [n for n in fresh.column_names if n not in ("customer_id", "day")]
    kept = [n for n in wanted if n not in (*new, "customer_id")]
    listed = ", ".join([f"f.{identifier(n)}" for n in kept] + [f"p.{identifier(n)}" for n in new])
    latest = engine.query(
        f"SELECT p.customer_id, {listed} FROM fresh AS p LEFT JOIN former AS f "
        "ON p.customer_id = f.customer_id"
    )
    return former, latest
