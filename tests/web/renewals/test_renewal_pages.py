"""The pages of renewals: the list, one, the forecast, the ladder, other apps' pages."""

from __future__ import annotations

from typing import Any

import pytest

from kizuna.web.accounts.models import Person
from kizuna.web.act.renewals.models import Escalation, Ladder, LossReason, Renewal, Rung
from web.conftest import ClientOf
from web.renewals.conftest import climbed_at

pytestmark = pytest.mark.django_db

type Followed = dict[str, Renewal]


def test_the_list_says_what_comes_due_and_both_words(
    followed: Followed, client_of: ClientOf, ben: Person
) -> None:
    page = client_of(ben).get("/renewals/").content.decode()
    assert "Acme" in page
    assert "90%" in page
    assert "not yet said" in page
    assert "¥1,000" in page


def test_before_contracts_are_known_the_page_says_what_to_bring(
    client_of: ClientOf, ben: Person
) -> None:
    assert "Bring in contracts" in client_of(ben).get("/renewals/").content.decode()


def test_a_word_far_from_the_data_needs_its_reason(
    followed: Followed, ladder: Ladder, client_of: ClientOf, ben: Person, aiko: Person
) -> None:
    browser, pk = client_of(ben), followed["K-2"].pk
    wrong = browser.post(f"/renewals/{pk}/judge", {"percent": 10})
    assert wrong.status_code == 422
    browser.post(f"/renewals/{pk}/judge", {"percent": 10, "text": "The sponsor has left"})
    page = browser.get(f"/renewals/{pk}/").content.decode()
    assert "The sponsor has left" in page
    assert "Put before the managers" in page
    manager = client_of(aiko)
    assert "The person and the data disagree" in manager.get("/day/").content.decode()
    one = Escalation.objects.get()
    assert browser.post(f"/renewals/answer/{one.pk}", {"text": "x"}).status_code == 403
    manager.post(f"/renewals/answer/{one.pk}", {"text": "I call them"})
    assert "I call them" in manager.get(f"/renewals/{pk}/").content.decode()


def test_it_is_settled_with_a_reason(
    followed: Followed, ladder: Ladder, client_of: ClientOf, ben: Person
) -> None:
    browser, pk = client_of(ben), followed["K-2"].pk
    assert browser.post(f"/renewals/{pk}/settle", {"state": "lost"}).status_code == 422
    reason = LossReason.objects.get(name="Price")
    browser.post(f"/renewals/{pk}/settle", {"state": "lost", "reason": reason.pk})
    assert "Not renewed: Price" in browser.get("/renewals/?view=ended").content.decode()
    assert "Price" in browser.get("/renewals/forecast").content.decode()


def test_the_forecast_never_shows_silence_as_zero(
    followed: Followed, client_of: ClientOf, ben: Person
) -> None:
    page = client_of(ben).get("/renewals/forecast").content.decode()
    assert "nobody spoke yet" in page
    assert "¥0" in page  # committed by the data: neither is at 90 % in July


def test_the_ladder_is_taken_changed_and_switched_on(
    client_of: ClientOf, aiko: Person, ben: Person
) -> None:
    browser = client_of(aiko)
    assert client_of(ben).get("/renewals/ladder").status_code == 403
    browser.post("/renewals/ladder/set-up")
    assert "switched off" in browser.get("/renewals/ladder").content.decode()
    browser.post("/renewals/ladder/switch", {"on": "1"})
    assert "switched on" in browser.get("/renewals/ladder").content.decode()
    said = {"days_before": 5, "title": "Call", "planned_minutes": 10, "opens_task": "on"}
    browser.post("/renewals/ladder/rungs", said)
    assert Rung.objects.filter(title="Call").exists()
    nothing = browser.post("/renewals/ladder/rungs", said | {"opens_task": ""})
    assert nothing.status_code == 422
    browser.post(f"/renewals/ladder/rungs/{Rung.objects.get(title='Call').pk}/take-off")
    assert "Call</bdi>" not in browser.get("/renewals/ladder").content.decode()
    wrong = browser.post("/renewals/ladder", {"checkpoints": "a", "percent": 30, "version": 1})
    assert wrong.status_code == 422
    browser.post("/renewals/ladder", {"checkpoints": "45、5", "percent": 20, "version": 1})
    assert Ladder.objects.get().checkpoints == [45, 5]
    browser.post("/renewals/ladder/reasons", {"name": "Merger"})
    browser.post(f"/renewals/ladder/reasons/{LossReason.objects.get(name='Merger').pk}/archive")
    assert LossReason.objects.get(name="Merger").archived_at is not None


def test_a_customers_page_and_my_day_tell_of_renewals(
    followed: Followed, ladder: Ladder, client_of: ClientOf, ben: Person
) -> None:
    climbed_at(6, 5)
    browser = client_of(ben)
    assert "K-1" in browser.get("/customers/one?id=acme").content.decode()
    assert "Renewals that wait for a word" in browser.get("/day/").content.decode()


def test_a_viewer_reads_and_says_nothing(
    followed: Followed, client_of: ClientOf, chiyo: Person
) -> None:
    browser, pk = client_of(chiyo), followed["K-1"].pk
    assert browser.get(f"/renewals/{pk}/").status_code == 200
    assert browser.get("/renewals/forecast").status_code == 200
    for path in ("judge", "settle"):
        assert browser.post(f"/renewals/{pk}/{path}").status_code == 403
    assert browser.get("/renewals/calendar").status_code == 403
    assert browser.get("/renewals/people").status_code == 403


def test_a_hundred_renewals_ask_the_database_no_more_than_two(
    followed: Followed, client_of: ClientOf, ben: Person, django_assert_max_num_queries: Any
) -> None:
    one = followed["K-1"]
    for n in range(100):
        one.pk, one.contract_id = None, f"N-{n}"
        one.save()
    browser = client_of(ben)
    for path in ("/renewals/", "/renewals/?whose=team&order=risk", "/renewals/forecast"):
        browser.get(path)
        with django_assert_max_num_queries(20):
            assert browser.get(path).status_code == 200
