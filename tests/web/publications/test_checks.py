"""Checks that fail: nothing is published; pages say which table, which rule, how many rows."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from kizuna.pipeline.contracts import ContractError, rules
from kizuna.pipeline.tables import TABLES
from kizuna.web.accounts.models import Person
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.checks import of_error, say
from kizuna.web.know.publications.models import Publication, Status
from published_shop import with_orders
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db
OF_ITSELF = [field.name for field in Publication._meta.fields if not field.is_relation]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Where the shop is kept that was published first, and what is told of its publication."""
    return tmp_path_factory.mktemp("kept") / "home", {}


@pytest.fixture
def published(
    settings: Any, tmp_path: Path, kept: tuple[Path, dict[str, Any]], db: None
) -> Publication:
    """Publish the shop, in a folder of its own: the first time; from then on, a copy."""
    settings.KIZUNA_HOME = home = tmp_path / "home"
    folder, told = kept
    if told:
        shutil.copytree(folder, home)
        return Publication.objects.create(**told)
    home.mkdir()
    with_orders(home, customers=60)
    services.refresh(actor=None)
    run_all()
    made = Publication.objects.get()
    shutil.copytree(home, folder)
    told |= Publication.objects.values(*OF_ITSELF).get()
    return made


def break_orders() -> None:
    """Write orders that no import would let through: an empty customer."""
    tables = services.store()
    orders = tables.read("transactions")
    rows = orders.to_pylist()
    rows[0]["customer_id"] = None
    tables.write("transactions", type(orders).from_pylist(rows, schema=orders.schema))


def test_a_table_that_fails_a_check_is_named_with_the_rule_and_the_rows(
    published: Publication, tmp_path: Path, chiyo: Person, client_of: ClientOf
) -> None:
    break_orders()
    services.refresh(actor=None)
    run_all()
    failed = Publication.objects.get(status=Status.FAILED)
    assert failed.error == services.CHECK_FAILED
    [first, *_others] = failed.failed_checks
    assert (first["rule"], first["rows"]) == ("customer_id is empty", 1)
    browser = client_of(chiyo)
    run = browser.get(f"/pipeline/{failed.pk}").content.decode()
    assert "customer_id is never empty" in run
    table = browser.get(f"/pipeline/tables/{first['table']}").content.decode()
    assert "did not pass its checks" in table
    assert "1 row" in table


def test_the_former_figures_stand_and_are_marked_as_not_the_newest(
    published: Publication, tmp_path: Path
) -> None:
    states = queries.table_states(queries.published())
    assert {found.fresh for found in states if found.version is not None} == {True}
    break_orders()
    services.refresh(actor=None)
    run_all()
    state = queries.published()
    assert state is not None
    assert state.publication == published
    assert queries.newer_sources(state) == ["transactions"]
    by_name = {found.table.name: found.fresh for found in queries.table_states(state)}
    assert by_name["customer_facts"] is False


def test_the_next_published_run_forgets_the_failure(
    published: Publication, tmp_path: Path, chiyo: Person, client_of: ClientOf
) -> None:
    whole = services.store().read("transactions")
    break_orders()
    services.refresh(actor=None)
    run_all()
    services.store().write("transactions", whole)
    services.refresh(actor=None)
    run_all()
    page = client_of(chiyo).get("/pipeline/tables/purchase_days").content.decode()
    assert "did not pass" not in page
    assert "Holds" in page


def test_every_rule_of_every_table_is_said_in_both_languages() -> None:
    for table in TABLES.values():
        for rule in rules(table):
            with override("en"):
                english = say(rule)
            with override("ja"):
                assert say(rule) != english


def test_columns_that_are_not_those_promised_are_said_too() -> None:
    error = ContractError("x: columns are not those of its contract", table="x")
    assert of_error(error) == [{"table": "x", "rule": "", "rows": None}]


def test_tidying_leaves_what_is_published_however_old_it_is(
    published: Publication,
) -> None:
    for _twice in range(2):
        services.store().write("segments", services.store().read("segments"))
    tables, kept = services.store(), published.versions["segments"]
    gone = _vacuum_now(tables, [kept])
    assert gone > 0
    assert tables.read("segments", kept).num_rows > 0


def test_without_being_told_it_would_delete_what_is_published(published: Publication) -> None:
    tables, kept = services.store(), published.versions["segments"]
    tables.write("segments", tables.read("segments"))
    _vacuum_now(tables, [])
    with pytest.raises(Exception, match=r"No such file|not found"):
        tables.read("segments", kept)


def _vacuum_now(tables: Any, versions: list[int]) -> int:
    return int(tables.vacuum("segments", keep=timedelta(0), versions=versions))


def test_tidying_by_schedule_deletes_nothing_younger_than_a_week(published: Publication) -> None:
    assert services.tidy() == 0


def test_a_column_leads_down_to_what_was_brought_in(
    published: Publication, chiyo: Person, client_of: ClientOf
) -> None:
    browser = client_of(chiyo)
    page = browser.get("/pipeline/tables/segments/residual_clv").content.decode()
    assert "/pipeline/tables/transactions/amount" in page
    assert browser.get("/pipeline/tables/segments/nothing").status_code == 404
    assert browser.get("/pipeline/tables/nothing/x").status_code == 404
