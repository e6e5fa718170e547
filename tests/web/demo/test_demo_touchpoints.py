"""What came in by the doors is what was simulated: contracts, events, who is who, contacts."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.utils import timezone

from demo_application import Demo, demo_left
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.web.know.publications.models import Publication, Status
from opened_rows import unlike

pytestmark = pytest.mark.slow

type Ask = Callable[[str], list[dict[str, Any]]]

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")
LAST_PUBLISHED = """
SELECT summary, versions, read_versions FROM publications_publication
WHERE status = 'published' ORDER BY published_at DESC LIMIT 1"""
WHOSE = """
SELECT coalesce({whose}, e.customer_key) AS who, count(*) AS n FROM received_events AS e
LEFT JOIN identity_map AS m ON e.customer_key = m.raw_customer_id
WHERE e.kind IN ('track', 'page') GROUP BY 1"""


@pytest.fixture(scope="module")
def folder() -> Path:
    return demo_left("ja")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder, "--lang", "ja")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def truth(folder: Path, demo: Demo) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def ask(folder: Path, demo: Demo) -> Iterator[Ask]:
    """Ask the tables of the demo."""
    store = Store(folder / "home" / "store")
    with Engine(threads=2) as engine:
        for name in store.names():
            store.register(engine, name)
        yield lambda sql: [dict(row) for row in engine.query(sql).to_pylist()]


@pytest.fixture(scope="module")
def opener(demo: Demo) -> Any:
    """Signed in as the viewer of the demo."""
    made = build_opener(HTTPCookieProcessor(CookieJar()))
    made.open(demo.viewer, timeout=30).close()
    return made


def page(opener: Any, address: str) -> str:
    with opener.open(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_the_bridge_of_recurring_revenue_is_the_true_one_to_the_yen(
    ask: Ask, truth: dict[str, Any]
) -> None:
    columns = ", ".join(("opening", *MOVEMENTS, "closing"))
    found = ask(f"SELECT CAST(month AS VARCHAR) AS month, {columns} FROM mrr_bridge ORDER BY month")
    assert found == truth["subscriptions"]["bridge"]
    assert found[-1]["closing"] > 0


def test_contracts_end_as_they_were_ended(ask: Ask, truth: dict[str, Any]) -> None:
    told = truth["subscriptions"]
    [counts] = ask("SELECT count(*) AS n, count(cancel_reason) AS ended FROM contracts")
    assert counts == {"n": told["contracts"], "ended": sum(told["cancel_reasons"].values())}
    assert ask("SELECT sum(seats) AS n FROM entitlements") == [{"n": told["seats"]}]


def test_seats_in_use_are_those_that_were_used(ask: Ask, truth: dict[str, Any]) -> None:
    found = ask("SELECT customer_id, used FROM entitlements WHERE used IS NOT NULL")
    assert {row["customer_id"]: row["used"] for row in found} == truth["events"]["seats_used"]


def test_every_event_that_was_sent_is_accepted_once(ask: Ask, truth: dict[str, Any]) -> None:
    told = truth["events"]
    [counts] = ask(
        "SELECT count(*) AS n, count(DISTINCT message_id) AS ids, sum(backdated::INT) AS old "
        "FROM received_events"
    )
    assert set(counts.values()) == {told["sent"]}
    kinds = ask("SELECT kind, count(*) AS n FROM received_events GROUP BY kind")
    assert {row["kind"]: row["n"] for row in kinds} == told["by_kind"]
    names = ask(
        "SELECT name, count(*) AS n FROM received_events WHERE kind = 'track' GROUP BY name"
    )
    assert {row["name"]: row["n"] for row in names} == told["by_name"]


def test_none_is_refused(folder: Path, demo: Demo) -> None:
    assert "received_rejects" not in Store(folder / "home" / "store").names()


def test_each_device_belongs_to_who_signed_in_on_it_and_no_other(
    ask: Ask, truth: dict[str, Any]
) -> None:
    found = {row["raw_customer_id"]: row["customer_id"] for row in ask("FROM identity_map")}
    assert found == {f"anon:{name}": who for name, who in truth["events"]["devices"].items()}


def test_events_are_their_customers_also_from_before_she_signed_in(
    ask: Ask, truth: dict[str, Any]
) -> None:
    told = truth["events"]["of_customers"]
    assert of_customers(ask(WHOSE.format(whose="m.customer_id"))) == told
    # told apart from it: who is who left out
    assert of_customers(ask(WHOSE.format(whose="NULL"))) != told


def of_customers(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {row["who"]: row["n"] for row in rows if not row["who"].startswith("anon:")}


def test_an_order_told_by_file_and_by_event_counts_once(
    ask: Ask, truth: dict[str, Any], folder: Path
) -> None:
    with (folder / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = {row["注文番号"] for row in csv.DictReader(file)}
    found = ask("SELECT order_id FROM transactions")
    assert sorted(row["order_id"] for row in found) == sorted(n for n in numbers if n[0] in "HR")
    [told] = ask(
        "SELECT count(*) AS n, sum((r.amount = t.amount)::INT) AS same FROM received_orders AS r "
        "JOIN transactions AS t ON t.customer_id = r.customer_key AND t.order_id = r.order_id"
    )
    assert set(told.values()) == {truth["events"]["by_name"]["Order Completed"]}


def test_strangers_are_no_customers(ask: Ask) -> None:
    # 500 who bought, and the 15 cards that stand beside them until somebody merges them
    assert ask("SELECT count(*) AS n FROM customer_facts") == [{"n": 515}]


def test_contacts_come_in_with_their_cases_waits_and_transfers(
    ask: Ask, truth: dict[str, Any]
) -> None:
    told = truth["interactions"]
    channels = ask("SELECT channel, count(*) AS n FROM received_interactions GROUP BY channel")
    assert {row["channel"]: row["n"] for row in channels} == told["by_channel"]
    cases = ask(
        "SELECT case_id, any_value(customer_key) AS who, sum(transfers) AS n "
        "FROM received_interactions GROUP BY case_id"
    )
    who = {row["case_id"]: row["who"] for row in cases}
    assert {case: who[case] for case in told["high_effort"]} == told["high_effort"]
    assert sum(row["n"] for row in cases) == told["transfers"]


def test_answers_give_the_true_score(ask: Ask, truth: dict[str, Any]) -> None:
    [found] = ask(
        "WITH told AS (SELECT kind, score FROM responses UNION ALL "
        "SELECT kind, score FROM received_responses) "
        "SELECT sum((score >= 9)::INT) AS promoters, sum((score <= 6)::INT) AS detractors "
        "FROM told WHERE kind = 'nps'"
    )
    assert found == {name: truth["responses"][name] for name in ("promoters", "detractors")}


def test_the_survey_says_whom_it_asked_and_who_stayed_silent(
    ask: Ask, truth: dict[str, Any]
) -> None:
    rows = ask("SELECT asked, answered FROM survey_counts WHERE cut = 'all' ORDER BY wave_no")
    names = ("asked", "answered")
    assert rows == [{name: wave[name] for name in names} for wave in truth["survey"]]


def test_a_few_mails_of_the_survey_came_back_and_nobody_who_answered_is_among_them(
    folder: Path, demo: Demo
) -> None:
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as records:
        kinds = "SELECT kind, count(*) FROM act_messages_bounce GROUP BY 1 ORDER BY 1"
        assert records.execute(kinds).fetchall() == [("complaint", 1), ("hard", 2), ("soft", 2)]
        answered = """SELECT count(*) FROM act_messages_bounce AS bounces
            INNER JOIN surveys_answer AS answers ON answers.customer_id = bounces.customer_id
            INNER JOIN surveys_ask AS asks ON asks.id = answers.ask_id
            WHERE asks.wave_id = (SELECT max(id) FROM surveys_wave)"""
        assert records.execute(answered).fetchone() == (0,)
        left = "SELECT why FROM act_messages_returned"
        assert records.execute(left).fetchall() == [("unreadable",)]


def test_the_timeline_of_a_customer_shows_each_of_her_events(
    demo: Demo, opener: Any, truth: dict[str, Any]
) -> None:
    devices = set(truth["events"]["devices"].values())
    told = {who: n for who, n in truth["events"]["of_customers"].items() if who in devices}
    who, many = max(told.items(), key=lambda pair: pair[1])
    assert many > 10
    shown, number = 0, 1
    while '<ol class="plain timeline">' in (
        text := page(opener, f"{demo.root}/customers/one/timeline?id={who}&page={number}")
    ):
        shown += len(re.findall(r"</svg>行動</span>", text))
        number += 1
        if f"page={number}" not in text:
            break
    assert shown == many


def test_a_case_of_high_effort_is_one_thread_of_the_timeline(
    demo: Demo, opener: Any, truth: dict[str, Any]
) -> None:
    who = next(iter(truth["interactions"]["high_effort"].values()))
    assert "<details>" in page(opener, f"{demo.root}/customers/one/timeline?id={who}")


def test_the_keys_that_the_demo_was_filled_with_open_nothing_any_more(
    folder: Path, demo: Demo
) -> None:
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as database:
        for table in ("ingest_writekey", "accounts_apikey"):
            standing = f"SELECT count(*), count(revoked_at) FROM {table}"
            made, revoked = database.execute(standing).fetchone()
            assert made == revoked == 1


def test_who_took_a_card_too_waits_in_the_queue_of_duplicates(
    folder: Path, demo: Demo, opener: Any, truth: dict[str, Any]
) -> None:
    same = {(who, card) for card, who in truth["duplicates"]["same"].items()}
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as database:
        pairs = set(database.execute("SELECT first_id, second_id FROM identities_suspicion"))
    assert len(same & pairs) >= 0.9 * len(same)
    assert any(card in page(opener, f"{demo.root}/identities/") for _who, card in same)


def test_what_customers_said_came_in_by_the_programming_interface(
    folder: Path, demo: Demo, opener: Any, truth: dict[str, Any]
) -> None:
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as database:
        counts = "SELECT status, count(*) FROM consents_consent WHERE source = 'program' GROUP BY 1"
        assert dict(database.execute(counts)) == truth["consents"]["by_status"]
    who = truth["consents"]["may_get_news"][0]
    assert who in page(opener, f"{demo.root}/customers/one?id={who}")


def test_the_desk_has_hours_and_promises_by_which_it_is_counted(ask: Ask) -> None:
    found = ask("SELECT DISTINCT policy FROM service_levels ORDER BY policy")
    assert {row["policy"] for row in found} == {"メールとLINE", "電話", "チャット"}


def test_what_serving_customers_cost_is_the_true_cost(ask: Ask, truth: dict[str, Any]) -> None:
    found = ask("SELECT channel, sum(cost) AS cost FROM contact_costs GROUP BY 1 ORDER BY 1")
    assert {row["channel"]: row["cost"] for row in found} == truth["interactions"]["cost"]
    [net] = ask("SELECT count(*) AS n, count(ltv_net_of_service) AS net FROM cost_to_serve")
    assert net["n"] == net["net"] > 50


@pytest.mark.django_db
def test_every_number_is_what_its_rows_come_to(folder: Path, settings: Any) -> None:
    home = folder / "home"
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        said = database.execute(LAST_PUBLISHED).fetchone()
    settings.KIZUNA_HOME, now = home, timezone.now()
    summary, versions, read = map(json.loads, said)
    days = {"started_at": now, "finished_at": now, "published_at": now}
    told = {"summary": summary, "versions": versions, "read_versions": read}
    Publication.objects.create(status=Status.PUBLISHED, as_of=now.date(), **days, **told)
    assert unlike(every=25) == []


def test_people_at_accounts_and_notes_with_mentions_are_there(folder: Path, demo: Demo) -> None:
    told = json.loads((folder / "relations.json").read_text("utf-8"))
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as database:
        for table, many in (
            ("profiles_contact", len(told["contacts"])),
            ("notes_note", len(told["notes"])),
            ("notes_mention", len(told["gone"])),
        ):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (many,)
    assert told["contacts"]


def test_who_has_given_notice_is_known(ask: Ask, truth: dict[str, Any]) -> None:
    found = ask("SELECT customer_id FROM churn_scores WHERE churn_model = 'notice'")
    assert set(truth["leaving"]["noticed"]) <= {row["customer_id"] for row in found}


def test_effort_finds_the_cases_that_went_badly(ask: Ask, truth: dict[str, Any]) -> None:
    planted = truth["interactions"]["high_effort"]
    hard = {row["issue_id"] for row in ask("SELECT issue_id FROM effort_scores WHERE hard")}
    assert len(hard & set(planted)) > 0.9 * len(planted)
    assert len(hard & set(planted)) > 0.9 * len(hard)
