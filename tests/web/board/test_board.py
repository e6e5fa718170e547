"""The value board: what the customer base is worth, how it is computed, and where to go on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from kizuna.web.accounts.models import Person
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.ui.templatetags.ui import writer
from published_shop import refreshed_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def viewer(client_of: Any, chiyo: Person) -> Client:
    """A browser of someone who may only look."""
    client: Client = client_of(chiyo)
    return client


def shown(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client, aiko: Person) -> None:
    assert client.get("/").status_code == 302


def test_an_empty_board_says_what_to_do(viewer: Client) -> None:
    assert "Import your orders" in shown(viewer)


def test_equity_is_shown_with_its_interval_and_how_it_is_computed(
    viewer: Client, published: Publication
) -> None:
    page, equity = shown(viewer), published.summary["customer_equity"]
    for name in ("value", "low", "high"):
        assert writer("USD").money(equity[name]) in page
    assert "How is this computed?" in page
    assert "predicted" in page


def test_every_part_has_its_picture(viewer: Client, published: Publication) -> None:
    found = re.findall(r'data-chart="(chart-[\w-]+)-data"', shown(viewer))
    assert {
        "chart-segment-shares",
        "chart-ltv-by-cohort",
        "chart-retention-map",
        "chart-concentration-curve",
        "chart-tracking-lines",
    } <= set(found)


def test_the_pictures_are_json_without_script(viewer: Client, published: Publication) -> None:
    page = shown(viewer)
    blocks = re.findall(r'<script id="chart-[\w-]+" type="application/json">(.*?)</script>', page)
    assert len(blocks) >= 5
    assert all(json.loads(block)["figure"]["data"] for block in blocks)
    assert "<script>" not in page


def test_a_segment_leads_to_its_customers(viewer: Client, published: Publication) -> None:
    urls = re.findall(r'href="(/customers/\?segment=[\w]+)"', shown(viewer))
    assert len(urls) >= 3
    assert "90%" in shown(viewer)
    assert viewer.get(urls[0]).context["page"].rows


def test_the_most_valuable_at_risk_are_one_click_away(
    viewer: Client, published: Publication
) -> None:
    url = re.findall(r'href="(/customers/\?sort=-value_at_risk)"', shown(viewer))[0]
    rows = viewer.get(url).context["page"].rows
    assert [row.value_at_risk for row in rows] == pytest.approx(
        [(1 - row.p_alive) * row.residual_clv for row in rows]
    )
    assert rows == sorted(rows, key=lambda row: row.value_at_risk, reverse=True)


def test_the_factors_are_those_published(viewer: Client, published: Publication) -> None:
    page = shown(viewer)
    for name in ("Average purchase value", "Purchases per year", "Length of the relationship"):
        assert name in page


def test_the_board_speaks_japanese(chiyo: Person, viewer: Client, published: Publication) -> None:
    chiyo.language = "ja"
    chiyo.save()
    page = shown(viewer)
    for words in ("顧客資産価値", "顧客の価値", "90%区間", "リテンション"):
        assert words in page


def test_it_takes_few_queries(
    viewer: Client, published: Publication, django_assert_max_num_queries: Any
) -> None:
    shown(viewer)
    with django_assert_max_num_queries(8):
        shown(viewer)


def test_a_run_that_failed_since_is_said(viewer: Client, published: Publication) -> None:
    Publication.objects.create(status=Status.FAILED)
    assert "The last run failed" in shown(viewer)


def test_a_run_under_way_is_said(viewer: Client, published: Publication) -> None:
    Publication.objects.create(status=Status.RUNNING)
    assert "being computed" in shown(viewer)


def part(client: Client, name: str) -> Any:
    return next(p for p in client.get("/").context["board"].parts if p.name == name)


def linked(client: Client, name: str) -> dict[str, str]:
    """Names of a part's tables that lead somewhere."""
    tables = [getattr(b, "table", getattr(b, "numbers", None)) for b in part(client, name).blocks]
    cells = [row[0] for table in tables if table for row in table.rows]
    return {str(cell.text): cell.url for cell in cells if cell.url}


@pytest.mark.parametrize("name", ["changes", "segments", "retention", "ltv", "concentration"])
def test_every_name_leads_to_its_customers(
    viewer: Client, published: Publication, name: str
) -> None:
    found = linked(viewer, name)
    assert found
    for url in list(found.values())[:3]:
        answer = viewer.get(url)
        assert answer.status_code == 200
        assert not answer.context.get("form") or not answer.context["form"].errors


def test_a_month_leads_to_those_who_first_bought_in_it(
    viewer: Client, published: Publication
) -> None:
    url = list(linked(viewer, "retention").values())[1]
    month = url.removeprefix("/customers/?cohort=")
    rows = viewer.get(url).context["page"].rows
    assert {f"{row.cohort:%Y-%m}" for row in rows} == {month}


def test_who_fell_silent_is_those_who_did_not_buy_since(
    viewer: Client, published: Publication
) -> None:
    changes = services.store().read("value_changes", published.versions["value_changes"])
    rows = {row["part"]: row for row in changes.to_pylist()}
    for name, key in (("Did not buy", "silent"), ("Bought again", "bought")):
        found = viewer.get(linked(viewer, "changes")[name]).context["page"]
        assert found.matches == rows[key]["customers"] + (
            rows["returned"]["customers"] if key == "silent" else 0
        )


def test_the_marks_of_a_chart_lead_where_its_rows_lead(
    viewer: Client, published: Publication
) -> None:
    chart = next(b for b in part(viewer, "segments").blocks if hasattr(b, "figure"))
    links = chart.figure["layout"]["meta"]["links"]
    assert set(chart.figure["data"][1]["y"]) <= set(links)
    assert all(url.startswith("/customers/") for url in links.values())


def test_every_number_and_every_part_says_how_it_is_computed(
    viewer: Client, published: Publication
) -> None:
    shown_now = viewer.get("/").context["board"]
    assert [stat.label for stat in shown_now.facts if stat.explain is None] == []
    told = {p.name for p in shown_now.parts if p.explain}
    assert told >= {"changes", "ltv", "retention", "repurchase", "accuracy", "back-test"}


def test_without_costs_it_says_what_to_import(viewer: Client, published: Publication) -> None:
    assert "Import what was spent to win customers" in shown(viewer)


def test_the_change_ends_at_the_equity_above(viewer: Client, published: Publication) -> None:
    chart = part(viewer, "changes").blocks[0]
    equity = writer("USD").money(published.summary["customer_equity"]["value"])
    assert chart.numbers.rows[-1][2].text == equity
