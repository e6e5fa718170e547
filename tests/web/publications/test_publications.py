"""Publications: asked for, run, published at once, read by everyone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from kizuna.jobs.refresh import targets
from kizuna.jobs.revenue import REVENUE
from kizuna.pipeline.fact_tables import OPTIONAL
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.jobs.services import announce
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.publications import queries, services
from kizuna.web.know.publications.models import Publication, Status
from published_shop import VALUED, refreshed_shop, with_orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


def test_nothing_is_known_before_the_first_publication(db: None) -> None:
    assert queries.published() is None


def test_a_member_asks_and_the_worker_publishes(ben: Person, settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path
    with_orders(tmp_path, customers=120)
    asked = services.refresh(actor=ben)
    assert queries.published() is None
    run_all()
    state = queries.published()
    assert state is not None
    assert state.publication == asked
    assert state.table("customer_facts").num_rows == state.summary["customers"] == 94


def test_a_viewer_may_not_ask(chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.refresh(actor=chiyo)


def test_asking_twice_gives_the_run_that_waits(ben: Person) -> None:
    assert services.refresh(actor=ben) == services.refresh(actor=ben)
    assert AuditEntry.objects.filter(action="know.publication.asked").count() == 1


def test_changed_orders_ask_by_themselves(db: None) -> None:
    announce("transactions_changed")
    assert Publication.objects.get().asked_by is None


def test_readers_keep_the_former_state_until_the_next_is_whole(published: Publication) -> None:
    Publication.objects.create(status=Status.RUNNING)
    state = queries.published()
    assert state is not None
    assert state.publication == published


def test_what_a_lost_worker_left_is_begun_again(settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path
    with_orders(tmp_path, customers=20)
    lost = Publication.objects.create(status=Status.RUNNING)
    announce("transactions_changed")
    run_all()
    lost.refresh_from_db()
    assert lost.status == Status.PUBLISHED
    assert set(Publication.objects.values_list("status", flat=True)) == {Status.PUBLISHED}


def test_an_error_is_said_and_the_next_try_begins_again(
    ben: Person, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path
    store = with_orders(tmp_path, customers=20)
    whole, files = store.read("transactions"), store.files("transactions")
    Path(files[0]).write_bytes(b"half a file")
    asked = services.refresh(actor=ben)
    run_all(failures=True)
    asked.refresh_from_db()
    assert (asked.status, asked.error) == (Status.FAILED, services.STOPPED)
    store.write("transactions", whole)
    services.publish_open()
    asked.refresh_from_db()
    assert asked.status == Status.PUBLISHED


def test_no_orders_is_a_failure_that_says_what_to_do(ben: Person, settings: Any, tmp_path) -> None:
    settings.KIZUNA_HOME = tmp_path
    asked = services.refresh(actor=ben)
    run_all()
    asked.refresh_from_db()
    assert (asked.status, asked.error) == (Status.FAILED, services.NO_ORDERS)


def test_a_published_one_without_a_day_is_refused_by_the_database(db: None) -> None:
    with pytest.raises(IntegrityError):
        Publication.objects.create(status=Status.PUBLISHED)


def test_every_table_made_is_described(published: Publication) -> None:
    states = {found.table.name: found for found in queries.table_states(queries.published())}
    made = {"transactions", "tracking", *STANDARD, *OPTIONAL, *targets(), *REVENUE}
    assert made == states.keys() - {
        "calibration",
        "frequency_calibration",
        "clv_choice",
        "channel_values",
        "channel_net_bounds",
        "value_changes",
        "value_movers",
        "forecast_log",
        "past_forecasts",
    }
    facts = states["customer_facts"]
    assert facts.rows == VALUED
    assert {"fact_panel", "valued_customers"} <= set(facts.reads)
    assert states["valued_customers"].reads == [
        *("clv_scores", "customers", "purchases", "rfm", "spend")
    ]
    assert "segments" in states["valued_customers"].read_by
