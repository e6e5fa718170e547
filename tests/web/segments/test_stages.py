"""Stages that people set: checked, tried, kept as versions, and what customers are told by."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from kizuna.jobs import facts
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know import lifecycle_stages
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.jobs.models import Job
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.segments import stages
from kizuna.web.know.segments.models import StageList
from kizuna.web.know.segments.stage_tables import stage_names
from published_shop import VALUED, refreshed_shop

pytestmark = pytest.mark.django_db
PAGE = "/segments/stages/set"
LOYAL = {"stage": "", "label_ja": "お得意様", "label_en": "Loyal", "entry": "orders >= 3"}
LOYAL |= {"exit": "", "days": "today - first_purchase", "expected_days": 30}
REST = {"stage": "", "label_ja": "ほか", "label_en": "The rest", "entry": "orders >= 1"}
REST |= {"exit": "", "days": "", "expected_days": None}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(refreshed_shop()[0], tmp_path_factory.mktemp("stages") / "home"))


@pytest.fixture
def published(settings: Any, folder: Path, db: None) -> Publication:
    settings.KIZUNA_HOME = folder
    found = refreshed_shop()[1]
    return publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def owner(client_of: Any, aiko: Person) -> Client:
    client: Client = client_of(aiko)
    return client


def sent(*rows: dict[str, Any], number: int = 0, action: str = "save") -> dict[str, Any]:
    found: dict[str, Any] = {"number": number, "action": action}
    for at, row in enumerate(rows):
        told = {"place": at + 1} | {k: "" if v is None else v for k, v in row.items()}
        found |= {f"stage-{at}-{name}": value for name, value in told.items()}
    return found


def test_the_form_shows_the_preset_and_one_more(published: Publication, owner: Client) -> None:
    page = owner.get(PAGE).content.decode()
    assert page.count('name="stage-') > 0
    for stage in lifecycle_stages.stages():
        assert f'value="{stage.name}"' in page
    assert "Another stage" in page
    assert "Back to the preset" not in page


def test_trying_counts_customers_and_keeps_nothing(published: Publication, owner: Client) -> None:
    page = owner.post(PAGE, sent(LOYAL, REST, action="check")).content.decode()
    assert "How many customers would be in each stage now" in page
    assert not StageList.objects.exists()
    found = stages.preview(stages.keyed([LOYAL, REST]))
    assert found is not None
    assert sum(row["customers"] for row in found.values()) == VALUED
    assert found["loyal"]["customers"] > 0
    assert found["loyal"]["stuck"] <= found["loyal"]["customers"]


def test_saving_makes_a_version_that_names_the_stages(
    published: Publication, owner: Client, aiko: Person
) -> None:
    answer = owner.post(PAGE, sent(REST, LOYAL | {"place": 1}, number=0) | {"stage-0-place": 2})
    assert answer.status_code == 302
    kept = StageList.objects.get()
    assert [(row["stage"], row["label_ja"]) for row in kept.stages] == [
        ("loyal", "お得意様"),
        ("the_rest", "ほか"),
    ]
    assert list(stage_names())[:2] == ["loyal", "the_rest"]
    assert stage_names()["loyal"] == "Loyal"
    entry = AuditEntry.objects.get(action="know.stages.set")
    assert (entry.before["stages"], len(entry.after["stages"])) == ([], 2)
    assert Job.objects.exists()  # figures are computed anew


def test_a_rule_with_an_error_says_where_and_nothing_is_kept(
    published: Publication, owner: Client
) -> None:
    page = owner.post(PAGE, sent(LOYAL | {"entry": "orders >= 3 AND ordres > 1"})).content.decode()
    assert "At letter 17:" in page
    assert "Did you mean" in page
    assert not StageList.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": "", "expected_days": 30}, "Say what tells how long"),
        ({"days": "first_purchase"}, "This is no number of days."),
        ({"label_ja": ""}, "This field is required."),
        ({"expected_days": 0}, "greater than or equal to 1"),
        ({"exit": "lifecycle_stage = 'new'"}, "There is no fact called"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(
    published: Publication, owner: Client, wrong: dict[str, Any], said: str
) -> None:
    assert said in owner.post(PAGE, sent(LOYAL | wrong)).content.decode()
    assert not StageList.objects.exists()


def test_a_key_that_somebody_made_up_never_reaches_sql(
    published: Publication, owner: Client
) -> None:
    owner.post(PAGE, sent(LOYAL | {"stage": "x' OR 1=1 --"}))
    assert StageList.objects.get().stages[0]["stage"] == "loyal"
    with pytest.raises(ValueError, match="cannot be the key"):
        lifecycle_stages.own_stages([LOYAL | {"stage": "x'", "place": 1}])


def test_a_stage_may_be_removed_and_the_last_one_may_not(
    published: Publication, owner: Client, aiko: Person
) -> None:
    kept = stages.save_stages(actor=aiko, rows=[LOYAL, REST], number=0)
    first, second = kept.stages
    owner.post(PAGE, sent(first | {"remove": "on"}, second, number=1))
    assert [row["stage"] for row in StageList.objects.get(number=2).stages] == ["the_rest"]
    page = owner.post(PAGE, sent(second | {"remove": "on"}, number=2)).content.decode()
    assert "Give one stage at least." in page


def test_who_has_read_an_older_version_does_not_write_over_a_newer(
    published: Publication, owner: Client, aiko: Person
) -> None:
    stages.save_stages(actor=aiko, rows=[LOYAL], number=0)
    page = owner.post(PAGE, sent(REST, number=0)).content.decode()
    assert "Someone else has set the stages meanwhile" in page
    assert StageList.objects.count() == 1
    with pytest.raises(IntegrityError):
        StageList.objects.create(number=1, at=timezone.now())


def test_back_to_the_preset_is_a_version_too(
    published: Publication, owner: Client, aiko: Person
) -> None:
    stages.save_stages(actor=aiko, rows=[LOYAL], number=0)
    assert "Back to the preset" in owner.get(PAGE).content.decode()
    owner.post("/segments/stages/reset", {"number": 1})
    assert [(one.number, len(one.stages)) for one in stages.versions()] == [(2, 0), (1, 1)]
    assert stages.in_force(stages.newest()) == lifecycle_stages.stages()
    assert AuditEntry.objects.filter(action="know.stages.reset").exists()


def test_members_may_not_set_stages(published: Publication, ben: Person, client_of: Any) -> None:
    assert client_of(ben).get(PAGE).status_code == 403
    with pytest.raises(PermissionDenied):
        stages.save_stages(actor=ben, rows=[LOYAL], number=0)


def test_a_rule_that_cannot_be_used_keeps_nothing(published: Publication, aiko: Person) -> None:
    with pytest.raises(RuleError):
        stages.save_stages(actor=aiko, rows=[LOYAL | {"entry": "renewal_day < 3"}], number=0)
    assert not StageList.objects.exists()


def test_the_store_is_given_the_stages_where_they_changed(
    published: Publication, aiko: Person, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    stages.give_stages(store)
    assert "own_stages" not in store.names()
    stages.save_stages(actor=aiko, rows=[LOYAL, REST], number=0)
    stages.give_stages(store)
    stages.give_stages(store)
    assert store.read("own_stages")["stage"].to_pylist() == ["loyal", "the_rest"]
    assert len(store.versions("own_stages")) == 1


def told_by(*rows: dict[str, Any]) -> list[str | None]:
    """Give the SQL of the step of stages in a run of yen and cents."""
    given = [row | {"place": at} for at, row in enumerate(stages.keyed(rows), 1)]
    table = pa.Table.from_pylist(given, schema=arrow_schema("own_stages"))
    with Engine(threads=1) as engine:
        engine.register("own_stages", table)
        run = Run(as_of=date(2024, 6, 30), currency="USD")
        return [step.sql for step in facts._own_stages(engine, run)]


def test_each_run_tells_customers_by_the_stages_that_were_set() -> None:
    (sql,) = told_by(LOYAL | {"entry": "spend_90d > 10"})
    assert sql is not None
    assert "'loyal'" in sql
    assert "prospect" not in sql
    assert "100" in sql.split("'loyal'")[0].split("CASE WHEN")[1]  # an amount is in dollars
    assert told_by() == []


def test_stages_that_can_no_longer_be_used_give_way_to_the_preset(
    published: Publication, owner: Client
) -> None:
    gone = LOYAL | {"entry": "a_fact_that_is_gone > 1"}
    assert told_by(gone) == []
    StageList.objects.create(number=1, stages=stages.keyed([gone]), at=timezone.now())
    page = owner.get("/segments/stages").content.decode()
    assert "Your stages cannot be used any more" in page


def test_pages_open_in_both_languages_with_few_queries(
    published: Publication, owner: Client, aiko: Person, django_assert_max_num_queries: Any
) -> None:
    stages.save_stages(actor=aiko, rows=[LOYAL, REST], number=0)
    for language, word in (("en", "Set the stages"), ("ja", "ステージを設定")):
        aiko.language = language
        aiko.save()
        for url in (PAGE, "/segments/stages"):
            with django_assert_max_num_queries(14):
                assert word in owner.get(url).content.decode()
