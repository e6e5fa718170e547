"""What experience is worth, on its page: proof and association apart, and what is needed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run, discover, execute, select
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Action
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.measure.experience import queries
from measured_company import AS_OF, MARGIN, NAMES, START, company, table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

URL = "/experience-worth/"
MADE = ("experience_worth", "experience_bins")


@pytest.fixture(scope="module")
def lived() -> tuple[Path, dict[str, int]]:
    """The measured company, whose letter (action 1) also took effort away."""
    folder = Path(mkdtemp(prefix="kizuna-experience-"))
    shutil.copytree(company()[0], folder, dirs_exist_ok=True)
    store = Store(folder / "store")
    rng = np.random.default_rng(7)
    day, arms = date(2026, 3, 31), store.read("assignments").to_pylist()
    rows: list[dict[str, Any]] = []
    for row in arms:
        if row["experiment_id"] in "12":
            less = 10.0 * (row["experiment_id"] == "1") * (row["arm"] != "control")
            effort = float(np.clip(rng.normal(50.0, 8.0) - less, 0.0, 100.0))
            rows.append({"customer_id": row["customer_id"], "day": day, "effort_90d": effort})
    store.write("fact_panel", table("fact_panel", rows))
    store.write("health_trail", table("health_trail", []))
    with Engine(threads=2) as engine:
        run = Run(as_of=AS_OF, currency="JPY", margin=MARGIN)
        steps = execute(select(discover("measure"), *MADE), engine, run, store=store).steps
    return folder, {step.step: step.version for step in steps if step.version is not None}


@pytest.fixture
def told(settings: Any, lived: tuple[Path, dict[str, int]], db: None) -> Publication:
    settings.KIZUNA_HOME = lived[0]
    values = {"kind": "task", "state": "live", "started_on": START, "holdout": 0.3}
    for pk, name in NAMES.items():
        Action.objects.create(pk=int(pk), name=name, **values)
    return Publication.objects.create(
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        as_of=AS_OF,
        versions=lived[1],
        read_versions={},
        summary={"currency": "JPY", "as_of": AS_OF.isoformat()},
    )


@pytest.fixture
def viewer(chiyo: Person, client_of: ClientOf) -> Client:
    return client_of(chiyo)


def shown(client: Client, url: str = URL) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_before_anything_is_published_the_page_says_what_to_do(
    settings: Any, tmp_path: Path, viewer: Client
) -> None:
    settings.KIZUNA_HOME = tmp_path
    assert "Nothing to compare yet" in shown(viewer)


def test_what_an_action_moved_is_proof_and_what_goes_with_it_is_not(
    told: Publication, viewer: Client
) -> None:
    page = shown(viewer)
    assert "By experiment" in page
    assert "Association only: not proof" in page
    assert "“Letter of thanks” made this score better by" in page
    assert "Not moved clearly" in page  # the weekly news did nothing for effort


def test_the_experiment_holds_what_was_planted(told: Publication) -> None:
    found = queries.worth()
    assert found is not None
    proof = found.scores[0].proof
    assert proof is not None
    assert proof["experiment_id"] == "1"
    low, high = proof["per_point_low"], proof["per_point_high"]
    assert low < 150.0 < high  # 1,500 yen for ten points
    assert found.scores[0].told == proof


def test_a_score_of_which_nothing_is_known_says_what_it_needs(
    told: Publication, viewer: Client
) -> None:
    page = shown(viewer)
    assert "Ask customers how likely they are to recommend you." in page
    assert "Needs 200 customers" in page
    assert "No action has moved it yet" in page


def test_the_calculator_says_its_condition(told: Publication, viewer: Client) -> None:
    page = shown(viewer)
    assert "5 points less effort for 1,000 customers would be worth" in page
    assert "if others work as this one." in page
    asked = shown(viewer, f"{URL}?score=nps&points=1&customers=10")
    assert "Nothing is known yet of what this is worth." in asked


def test_without_proof_the_calculator_says_that_nothing_causal_is_shown(
    told: Publication, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.Score, "proof", None)
    assert "if the relation is causal. That is not shown." in shown(viewer)


@pytest.mark.parametrize(
    "asked", ["points=0&customers=1", "points=nan&customers=2", "points=1&customers=x", ""]
)
def test_the_calculator_takes_numbers_alone(told: Publication, viewer: Client, asked: str) -> None:
    page = shown(viewer, f"{URL}?score=effort&{asked}")
    assert "would be worth" not in page


def test_the_page_opens_in_both_languages_with_few_queries(
    told: Publication, viewer: Client, chiyo: Person, django_assert_max_num_queries: Any
) -> None:
    for language, word in (("en", "What experience is worth"), ("ja", "顧客体験の価値")):
        chiyo.language = language
        chiyo.save()
        with django_assert_max_num_queries(10):
            assert word in shown(viewer)


def test_the_page_asks_people_to_sign_in(told: Publication) -> None:
    assert Client().get(URL).status_code == 302
