"""How many to hold out, from the published spread of margin; and what is warned of before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.act.actions import queries, services, wording
from kizuna.web.act.actions.models import Action
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.models import Publication, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def published(tmp_path: Path, settings: Any) -> None:
    """Figures by which margin differs twice as much as its mean, a half of it foretold."""
    settings.KIZUNA_HOME = tmp_path
    rows = [
        {
            "horizon_days": days,
            "customers": 900,
            "mean": 1_000.0 * days,
            "deviation": 2_000.0 * days,
        }
        | {"removed": 0.5}
        for days in (28, 90)
    ]
    table = pa.Table.from_pylist(rows, schema=arrow_schema("margin_spread"))
    version = Store(tmp_path / "store").write("margin_spread", table)
    Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        finished_at=timezone.now(),
        as_of=timezone.localdate(),
        versions={"margin_spread": version},
    )


def action(**said: Any) -> Action:
    asked: dict[str, Any] = {"purpose": "To try", "always_on": False, "worth": 9_000.0} | said
    return services.draft(actor=None, name="Play", kind="mail", **asked)


def warned(made: Action) -> list[tuple[str, int | None]]:
    return [(doubt.mood, doubt.count) for doubt in queries.shown(made).doubts]


def test_the_size_is_that_of_the_formula_over_the_nearest_horizon() -> None:
    found = queries.shown(action(planned_units=50_000, horizon_days=100, holdout=0.2)).size
    assert found
    # (1.645 + 0.842)² · 2² · (1 − 0.5) · (1/0.2 + 1/0.8) / 0.1²
    assert found.horizon_days == 90
    assert found.needed == pytest.approx(7_730, abs=5)
    assert found.is_enough
    assert found.detectable == pytest.approx(9_000 * (7_730 / 50_000) ** 0.5, rel=1e-3)


def test_a_share_is_advised_that_can_conclude() -> None:
    found = queries.shown(action(planned_units=8_000)).size
    assert found
    assert found.holdout == pytest.approx(0.2, abs=0.011)
    assert (found.is_enough, warned(action_again())) == (False, [("caution", 8_000)])


def test_until_its_first_verdict_a_fifth_is_advised_though_fewer_could_conclude() -> None:
    found = queries.shown(action(planned_units=200_000, holdout=0.1))
    assert found.size
    assert (found.size.holdout, found.size.is_enough) == (0.2, True)
    assert any("until the first verdict: hold out 20%" in one for one in wording.sizing(found))
    services.set_holdout(actor=None, action=action_again(), holdout=0.3)
    assert not any("verdict" in one for one in wording.sizing(queries.shown(action_again())))


def action_again() -> Action:
    return Action.objects.get()


def test_where_even_half_is_too_few_it_is_said() -> None:
    assert warned(action(planned_units=500)) == [("serious", 500)]


def test_what_is_looked_at_any_time_takes_more_customers() -> None:
    once = queries.shown(action(planned_units=8_000)).size
    services.change(actor=None, action=action_again(), always_on=True)
    always = queries.shown(action_again()).size
    assert once
    assert always
    assert always.needed == pytest.approx(2.4 * once.needed, rel=1e-3)


def test_an_action_for_everyone_is_warned_of_with_the_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = [CustomerFact(customer_id=f"c{n}", folded="", fingerprint=1) for n in range(40)]
    CustomerFact.objects.bulk_create(facts)
    made = action(worth=1e9)
    monkeypatch.setattr("kizuna.web.act.actions.audiences.AUDIENCES", [lambda one: 39])
    assert ("caution", 39) in warned(made)
    monkeypatch.setattr("kizuna.web.act.actions.audiences.AUDIENCES", [lambda one: 20])
    assert ("caution", 20) not in warned(made)


def test_where_nothing_was_said_to_matter_a_tenth_of_the_margin_stands_in_and_that_is_said() -> (
    None
):
    made = action(planned_units=8_000, worth=None, cost_per_unit=0)
    found = queries.shown(made).size
    assert found
    assert (found.worth, found.is_assumed) == (found.mean / 10, True)
    assert ("info", None) in warned(made)
    services.set_holdout(actor=None, action=made, holdout=0.005)
    assert "with 0.5% held out" in queries.shown(action_again()).doubts[0].text


def test_a_notice_needs_no_size() -> None:
    made = action(is_optional=False, planned_units=500)
    assert queries.shown(made).size is None
    assert warned(made) == []
