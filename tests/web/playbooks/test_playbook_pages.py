"""Pages of playbooks: built by buttons alone, or as text; checked before customers enter."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Programme
from kizuna.web.act.playbooks import editing, ready, services
from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.models import Enrolment, Playbook
from kizuna.web.act.playbooks.plan import plan_of
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

CALL = {"id": "call", "do": "task", "title": "Call them"}
RULE = {"row-0-fact": "health", "row-0-op": "below", "row-0-value": "50", "match": "all"}


@pytest.fixture
def browser(aiko: Person, client_of: ClientOf) -> Client:
    Programme.objects.update_or_create(id=1, defaults={"is_on": False})
    signed_in: Client = client_of(aiko)
    return signed_in


@pytest.fixture
def playbook(aiko: Person) -> Playbook:
    said = {"name": "Look after", "trigger": {"when": "by_hand"}, "steps": [CALL]}
    return services.make(actor=aiko, said=said, holdout=0.0)


def draft(pk: int) -> dict[str, Any]:
    kept: dict[str, Any] = Playbook.objects.get(pk=pk).draft
    return kept


def test_a_manager_builds_a_playbook_with_buttons_alone(browser: Client) -> None:
    browser.post("/playbooks/new", {"name": "Health fell", "purpose": "Keep them."})
    pk = Playbook.objects.get().pk
    browser.post(f"/playbooks/{pk}/edit/start", {"when": "rule_begins", **RULE, "of": "notice"})
    add = f"/playbooks/{pk}/edit/add"
    assert browser.get(f"{add}?do=task&place=start").status_code == 200
    task = {"step-title": "Call them", "step-due_in": "2", "step-owner": ""}
    browser.post(add, {"do": "task", "place": "start", **task})
    browser.post(add, {"do": "wait", "place": "after:task", "step-days": "2"})
    browser.post(add, {"do": "branch", "place": "after:wait", **RULE})
    browser.post(add, {"do": "task", "place": "then:branch", **task, "step-title": "Visit"})
    assert draft(pk)["trigger"] == {"when": "rule_begins", "rule": "health < 50"}
    assert [one["id"] for one in draft(pk)["steps"]] == ["task", "wait", "branch"]
    assert draft(pk)["steps"][2]["then"][0]["title"] == "Visit"
    page = browser.get(f"/playbooks/{pk}/edit").content.decode()
    assert "Task: Visit" in page
    assert "Wait 2 days" in page


def test_steps_are_moved_changed_and_taken_out(browser: Client, playbook: Playbook) -> None:
    pk, steps = playbook.pk, f"/playbooks/{playbook.pk}/edit/steps"
    browser.post(f"/playbooks/{pk}/edit/add", {"do": "wait", "place": "start", "step-days": "1"})
    browser.post(f"{steps}/wait/move", {"by": "down"})
    assert [one["id"] for one in draft(pk)["steps"]] == ["call", "wait"]
    browser.post(f"{steps}/call", {"step-title": "Ring them", "step-owner": ""})
    assert draft(pk)["steps"][0]["title"] == "Ring them"
    browser.post(f"{steps}/wait/remove")
    assert [one["id"] for one in draft(pk)["steps"]] == ["call"]
    assert browser.get(f"{steps}/nothing").status_code == 404


def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(
    browser: Client, playbook: Playbook
) -> None:
    add = f"/playbooks/{playbook.pk}/edit/add"
    said = {"do": "branch", "place": "start", "mode": "text", "rule": "helth < 50"}
    answer = browser.post(add, said)
    assert answer.status_code == 422
    assert "health" in answer.content.decode()
    assert "helth &lt; 50" in answer.content.decode()
    more = browser.post(add, {"do": "branch", "place": "start", **RULE, "action": "add"})
    assert more.content.decode().count('name="row-') > answer.content.decode().count('name="row-')
    assert len(draft(playbook.pk)["steps"]) == 1


def test_two_people_do_not_write_over_each_other(browser: Client, playbook: Playbook) -> None:
    steps = f"/playbooks/{playbook.pk}/edit/steps/call"
    browser.post(steps, {"step-title": "First", "step-owner": "", "edits": "1"})
    answer = browser.post(
        steps, {"step-title": "Second", "step-owner": "", "edits": "1"}, follow=True
    )
    assert "Someone else has changed it" in answer.content.decode()
    assert draft(playbook.pk)["steps"][0]["title"] == "First"


def test_a_playbook_as_text_comes_back_as_it_was_and_errors_have_their_place(
    browser: Client, playbook: Playbook
) -> None:
    address = f"/playbooks/{playbook.pk}/edit/yaml"
    text = browser.get(f"/playbooks/{playbook.pk}/playbook.yaml").content.decode()
    before = draft(playbook.pk)
    assert browser.post(address, {"text": text}).status_code == 302
    assert draft(playbook.pk) == before
    answer = browser.post(address, {"text": text.replace("do: task", "do: tusk")})
    assert "Line 6, column 5: “tusk” is not known here. Did you mean “task”?" in (
        answer.content.decode()
    )


def test_it_goes_live_once_what_was_found_is_put_right_and_read(
    browser: Client, playbook: Playbook, aiko: Person
) -> None:
    pk = playbook.pk
    empty = editing.remove(playbook.draft, "call")
    services.change(actor=aiko, pk=pk, edits=1, said=empty)
    assert "at least one step" in browser.get(f"/playbooks/{pk}/live").content.decode()
    browser.post(f"/playbooks/{pk}/live", {"edits": "2", "read": "1"})
    assert Playbook.objects.get(pk=pk).live is None
    back = {"id": "back", "do": "go_to", "step": "call", "at_most": 3}
    loop = playbook.draft | {"steps": [*playbook.draft["steps"], back]}
    services.change(actor=aiko, pk=pk, edits=2, said=loop)
    page = browser.get(f"/playbooks/{pk}/live").content.decode()
    assert (
        f'<a href="/playbooks/{pk}/edit/steps/back"><code>back</code></a>: This leads back' in page
    )
    browser.post(f"/playbooks/{pk}/live", {"edits": "3", "read": "1"})
    assert Playbook.objects.get(pk=pk).live is None
    services.change(actor=aiko, pk=pk, edits=3, said=playbook.draft)
    browser.post(f"/playbooks/{pk}/live", {"edits": "4"})
    assert Playbook.objects.get(pk=pk).live is None  # nobody is held out: that is to be read
    browser.post(f"/playbooks/{pk}/live", {"edits": "4", "read": "1"})
    live = Playbook.objects.get(pk=pk)
    assert live.live is not None
    assert live.action.state == "live"
    looked_at = browser.post(f"/playbooks/{pk}/enrol", {"customer": "acme"}, follow=True)
    assert "Would be on the way" in looked_at.content.decode()
    browser.post(looked_at.redirect_chain[-1][0])
    assert Enrolment.objects.get().customer_id == "acme"
    browser.post(f"/playbooks/{pk}/pause")
    browser.post(f"/playbooks/{pk}/pause", {"on": "1"})
    browser.post(f"/playbooks/{pk}/customers/{Enrolment.objects.get().pk}/stop")
    assert Enrolment.objects.get().state == "stopped"
    browser.post(f"/playbooks/{pk}/conclude")
    live.action.refresh_from_db()
    assert live.action.state == "concluded"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("group", list(ready.GROUPS))
def test_ready_playbooks_have_no_error_in_either_language(
    aiko: Person, group: str, language: str
) -> None:
    with override(language):
        for key in ready.packs(group):
            made = ready.begin(actor=aiko, pack=f"{group}:{key}", about={})
            found = [one.text for one in check(made.draft) if one.is_error]
            assert found == [], made.draft["name"]
            assert plan_of(made.draft).first


def test_pages_are_for_those_who_may(
    ben: Person, chiyo: Person, client_of: ClientOf, playbook: Playbook
) -> None:
    looks, works = client_of(chiyo), client_of(ben)
    assert looks.get("/playbooks/").status_code == 200
    assert looks.get(f"/playbooks/{playbook.pk}").status_code == 200
    assert works.get(f"/playbooks/{playbook.pk}/edit").status_code == 403
    assert works.post(f"/playbooks/{playbook.pk}/live").status_code == 403
    assert looks.post(f"/playbooks/{playbook.pk}/enrol", {"customer": "x"}).status_code == 403
    assert Client().get("/playbooks/").status_code == 302


@pytest.mark.parametrize(
    ("page", "most"), [("", 14), ("{}", 23), ("{}/edit", 16), ("{}/customers", 16), ("{}/live", 22)]
)
def test_pages_ask_the_database_a_few_times_however_many_there_are(
    browser: Client,
    playbook: Playbook,
    aiko: Person,
    page: str,
    most: int,
    django_assert_max_num_queries: Any,
) -> None:
    services.go_live(actor=aiko, pk=playbook.pk, edits=1, read=True)
    ids = [f"c{n}" for n in range(40)]
    services.enrol(actor=aiko, pk=playbook.pk, customer_ids=ids)
    address = f"/playbooks/{page.format(playbook.pk)}"
    browser.get(address)
    with django_assert_max_num_queries(most):
        assert browser.get(address).status_code == 200
