"""Segments: made by rows or text, found in one pass, explained, kept and left with a history."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kizuna.pipeline.rules.errors import REASONS, RuleError
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.publications import services as publications
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published
from kizuna.web.know.publications.services import store
from kizuna.web.know.segments import queries, services, wording
from kizuna.web.know.segments.models import Rebuild, Segment
from published_shop import VALUED, refreshed_shop

pytestmark = pytest.mark.django_db
PAGE = "/segments/"
ROW = {"row-0-fact": "orders", "row-0-op": "from", "row-0-value": "3"}


@pytest.fixture
def published(settings: Any, tmp_path: Path, db: None) -> Publication:
    """Publish the shop in a folder that may be written to."""
    folder, found = refreshed_shop()
    settings.KIZUNA_HOME = shutil.copytree(folder, tmp_path / "home")
    return publications.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    """A browser of someone who may keep segments."""
    client: Client = client_of(ben)
    return client


def made(ben: Person, rule: str = "orders >= 3", name: str = "Regulars") -> Segment:
    """Keep a segment and find who is in it."""
    segment = services.save(actor=ben, name=name, rule=rule)
    services.rebuild()
    segment.refresh_from_db()
    return segment


def expected(published: Publication, least: int) -> set[str]:
    rows = Published(published).table("customer_facts").to_pylist()
    return {row["customer_id"] for row in rows if (row["orders"] or 0) >= least}


def test_before_anything_is_published_it_says_what_to_do(member: Client) -> None:
    for page in ("", "rfm", "stages"):
        assert b"Import your orders" in member.get(PAGE + page).content


def test_a_segment_holds_those_of_whom_the_rule_holds(ben: Person, published: Publication) -> None:
    segment = made(ben)
    assert set(queries.member_ids(segment.pk)) == expected(published, 3)
    assert segment.customers == len(expected(published, 3))
    assert (segment.entered, segment.left) == (0, 0)
    last = Rebuild.objects.get()
    assert (last.customers, last.in_none) == (VALUED, VALUED - segment.customers)


def test_a_rebuild_in_which_nothing_changed_writes_nothing(
    ben: Person, published: Publication
) -> None:
    made(ben)
    before = store().changed_at("segment_members")
    services.rebuild()
    assert store().changed_at("segment_members") == before


def test_who_comes_and_goes_is_kept_with_the_day(ben: Person, published: Publication) -> None:
    segment = made(ben)
    facts = Published(published).table("customer_facts")
    one, other = expected(published, 3), set(facts["customer_id"].to_pylist())
    leaver, comer = min(one), min(other - one)
    rows = facts.to_pylist()
    for row in rows:
        if row["customer_id"] in (leaver, comer):
            row["orders"] = 1 if row["customer_id"] == leaver else 9
    version = store().write("customer_facts", type(facts).from_pylist(rows, schema=facts.schema))
    published.versions |= {"customer_facts": version}
    published.save()
    services.rebuild()
    segment.refresh_from_db()
    told = {(row["customer_id"], row["kind"]) for row in queries.moves(segment.pk)}
    assert told == {(leaver, "left"), (comer, "entered")}
    assert (segment.entered, segment.left) == (1, 1)


def test_another_rule_begins_a_new_history(ben: Person, published: Publication) -> None:
    segment = made(ben)
    services.change(actor=ben, pk=segment.pk, version=1, name="Regulars", rule="orders >= 5")
    services.rebuild()
    assert set(queries.member_ids(segment.pk)) == expected(published, 5)
    assert queries.moves(segment.pk) == []
    assert [one.number for one in segment.versions.order_by("number")] == [1, 2]


def test_a_rule_with_an_error_leaves_the_last_good_one_live(
    ben: Person, member: Client, published: Publication
) -> None:
    segment = made(ben)
    given = {"name": "Regulars", "version": 1, "mode": "text", "rule": "oders >= 5"}
    page = member.post(f"{PAGE}{segment.pk}/change", given | {"action": "save"}).content.decode()
    assert "There is no fact called “oders”" in page
    assert "Did you mean “orders”?" in page
    segment.refresh_from_db()
    assert (segment.rule, segment.version) == ("orders >= 3", 1)


def test_a_rule_that_can_no_longer_be_used_keeps_its_customers(
    ben: Person, published: Publication
) -> None:
    segment = made(ben)
    Segment.objects.filter(pk=segment.pk).update(rule="gone_fact > 1")
    services.rebuild()
    segment.refresh_from_db()
    assert "gone_fact" in segment.problem
    assert len(queries.member_ids(segment.pk)) == segment.customers


def test_rows_make_the_same_rule_as_text(member: Client, published: Publication) -> None:
    given = ROW | {"name": "By rows", "match": "all", "action": "save"}
    given |= {"row-1-fact": "p_alive", "row-1-op": "above", "row-1-value": "0.5"}
    assert member.post(f"{PAGE}add", given).status_code == 302
    assert Segment.objects.get().rule == "orders >= 3 AND p_alive > 0.5"


def test_checking_says_in_words_how_many_and_saves_nothing(
    member: Client, published: Publication
) -> None:
    page = member.post(f"{PAGE}add", ROW | {"action": "check"}).content.decode()
    assert f"{len(expected(published, 3))} customers now" in page
    assert not Segment.objects.exists()


def test_conditions_that_cannot_hold_together_are_named(
    member: Client, published: Publication
) -> None:
    given = {"mode": "text", "rule": "orders > 5 AND orders < 3", "action": "check"}
    assert "No customer can meet these" in member.post(f"{PAGE}add", given).content.decode()


def test_another_row_keeps_what_was_typed(member: Client, published: Publication) -> None:
    page = member.post(f"{PAGE}add", ROW | {"action": "add", "name": "x"}).content.decode()
    assert 'name="row-1-fact"' in page
    assert 'value="3"' in page


def test_why_somebody_is_in_or_out_is_told_condition_by_condition(
    ben: Person, member: Client, published: Publication
) -> None:
    segment = made(ben)
    page = member.get(f"{PAGE}{segment.pk}/why", {"id": min(expected(published, 3))})
    assert b"in the segment" in page.content
    assert b"holds" in page.content
    assert b"Nobody is known" in member.get(f"{PAGE}{segment.pk}/why", {"id": "x"}).content


def test_a_fixed_segment_keeps_who_was_in(
    ben: Person, member: Client, published: Publication
) -> None:
    segment = made(ben)
    member.post(f"{PAGE}{segment.pk}/freeze", {"name": "Of that day"})
    services.change(actor=ben, pk=segment.pk, version=1, name="Regulars", rule="orders > 99")
    services.rebuild()
    kept = Segment.objects.get(name="Of that day")
    assert set(queries.member_ids(kept.pk)) == expected(published, 3)
    assert queries.member_ids(segment.pk) == []


def test_the_export_holds_every_customer_and_is_recorded(
    ben: Person, member: Client, published: Publication
) -> None:
    segment = made(ben)
    answer = member.post(f"{PAGE}{segment.pk}/export")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + len(expected(published, 3))
    assert AuditEntry.objects.filter(action="know.segment.exported").exists()


def test_a_segment_goes_with_its_members(
    ben: Person, member: Client, published: Publication
) -> None:
    segment = made(ben)
    member.post(f"{PAGE}{segment.pk}/remove")
    assert not Segment.objects.exists()
    assert queries.member_ids(segment.pk) == []


def test_the_pages_ask_the_database_little(
    ben: Person, member: Client, published: Publication, django_assert_max_num_queries: Any
) -> None:
    segment = made(ben)
    for page in ("", "rfm", "stages", "add", str(segment.pk), f"{segment.pk}/change"):
        with django_assert_max_num_queries(16):
            assert member.get(PAGE + page).status_code == 200


def test_a_number_of_the_map_opens_its_customers(member: Client, published: Publication) -> None:
    page = member.get(f"{PAGE}who", {"rule": "recency_score = 5 AND frequency_score = 1"})
    assert page.status_code == 200
    assert member.get(f"{PAGE}who", {"rule": "drop table x"}).status_code == 404


def test_who_may_only_look_changes_nothing(
    ben: Person, client_of: Any, chiyo: Person, published: Publication
) -> None:
    segment, viewer = made(ben), client_of(chiyo)
    assert viewer.get(f"{PAGE}{segment.pk}").status_code == 200
    assert viewer.get(f"{PAGE}add").status_code == 403
    for page in ("freeze", "export", "remove"):
        assert viewer.post(f"{PAGE}{segment.pk}/{page}").status_code == 403
    with pytest.raises(PermissionDenied):
        services.save(actor=chiyo, name="x", rule="orders > 1")


def test_names_are_taken_once_and_changes_are_not_lost(ben: Person, published: Publication) -> None:
    segment = made(ben)
    with pytest.raises(services.NameTakenError):
        services.save(actor=ben, name="Regulars", rule="orders > 1")
    with pytest.raises(services.ChangedMeanwhileError):
        services.change(actor=ben, pk=segment.pk, version=9, name="Regulars", rule="orders > 1")
    with pytest.raises(RuleError):
        services.save(actor=ben, name="Other", rule="nothing > 1")


def test_the_database_refuses_a_live_segment_without_a_rule(published: Publication) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Segment.objects.create(name="x", rule="", changed_at=timezone.now())


def test_every_reason_is_said_by_the_pages() -> None:
    assert set(wording.REASONS) == set(REASONS)
