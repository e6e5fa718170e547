"""Who sees a message: caps, chance, audiences, who vouches for whom, and what pages tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Assignment, Deed
from kizuna.web.act.gate.models import Entry
from kizuna.web.act.on_site import services, showing
from kizuna.web.act.on_site.models import Hit, Message, Showing
from kizuna.web.act.on_site.visitors import ANONYMOUS, proof_of
from kizuna.web.capture.identities.models import Link
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.segments.models import Segment
from web.on_site.conftest import AGENT, BROWSER, ORIGIN, Ask, post, written

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def note(key: str, token: str, kind: str, agent: str = AGENT) -> int:
    return int(post("/v1/on-site/note", agent, key=key, token=token, kind=kind).status_code)


def test_a_page_learns_which_messages_there_are_and_no_words_of_them(
    key: str, banner: Message
) -> None:
    answer = Client().get("/v1/on-site", {"key": key}, headers={"Origin": ORIGIN})
    assert answer.json()["messages"] == [
        {"id": banner.pk, "trigger": "at_once", "after": 0, "pages": [], "known": False}
    ]
    assert answer.json()["src"].endswith("kizuna-on-site.js")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "お茶" not in answer.text


def test_no_live_message_needs_no_script(key: str, aiko: Person, banner: Message) -> None:
    services.decide(actor=aiko, message=banner, step="pause")
    assert Client().get("/v1/on-site", {"key": key}).json() == {}


@pytest.mark.parametrize("origin", ["https://other.example", "null"])
def test_a_page_elsewhere_is_turned_away(key: str, banner: Message, origin: str) -> None:
    answer = Client().get("/v1/on-site", {"key": key}, headers={"Origin": origin})
    assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (403, None)


def test_without_a_key_nothing_is_told(banner: Message, db: None) -> None:
    assert Client().get("/v1/on-site", {"key": "made-up"}).status_code == 401
    assert post("/v1/on-site/ask", key="made-up", message=banner.pk).status_code == 401


def test_what_cannot_be_read_is_refused(key: str, banner: Message) -> None:
    said: dict[str, Any] = {"key": key, "message": banner.pk, "browser": BROWSER, "path": "/"}
    for wrong in ({"browser": "x"}, {"message": True}, {"message": 2**70}, {"path": 3}):
        assert post("/v1/on-site/ask", **(said | wrong)).status_code == 400
    assert Client().get("/v1/on-site/ask").status_code == 405


def test_words_travel_as_texts_and_never_as_html(ask: Ask, banner: Message) -> None:
    shown = ask(banner)["shown"]
    assert shown["title"] == "秋の**お知らせ**"
    assert shown["body"] == [
        ["p", "", ["strong", "", "新しい"], "お茶です。", ["br", ""], "<script>x</script>"]
    ]
    assert (shown["button"], shown["link"]) == ("見る", "https://shop.example/sale")


def test_what_was_shown_is_a_deed_once(ask: Ask, key: str, banner: Message) -> None:
    token = ask(banner)["shown"]["token"]
    assert not Deed.objects.exists(), "let through is not yet shown"
    assert [note(key, token, "shown") for _ in range(2)] == [204, 204]
    deed = Deed.objects.get()
    assert (deed.customer_id, deed.kind) == (ANONYMOUS + BROWSER, "on_site")
    assert Hit.objects.count() == 2, "raw is raw"


def test_a_cap_holds(ask: Ask, aiko: Person) -> None:
    twice = written(aiko, times=2, days=7)
    assert ["shown" in ask(twice) for _ in range(4)] == [True, True, False, False]
    Showing.objects.filter(number=1).update(let_at=timezone.now() - timedelta(days=8))
    assert "shown" in ask(twice)


def test_who_closed_it_does_not_see_it_again(ask: Ask, key: str, aiko: Person) -> None:
    twice = written(aiko, times=2)
    token = ask(twice)["shown"]["token"]
    note(key, token, "shown")
    note(key, token, "closed")
    assert "again" in ask(twice)


def test_a_browser_that_turns_out_to_be_a_customer_keeps_its_count(
    ask: Ask, banner: Message
) -> None:
    CustomerFact.objects.create(customer_id="hana", name="Hana", fingerprint=1)
    assert "shown" in ask(banner)
    Link.objects.create(raw_customer_id=ANONYMOUS + BROWSER, customer_id="hana")
    assert "again" in ask(banner)


def held_out(aiko: Person) -> Message:
    message = written(aiko)
    actions.set_holdout(actor=aiko, action=message.action, holdout=0.9)
    return message


def sees(ask: Ask, message: Message) -> list[str]:
    """Let forty browsers ask; give those that see it."""
    browsers = [f"{n:032x}" for n in range(40)]
    return [ANONYMOUS + one for one in browsers if "shown" in ask(message, browser=one)]


def test_who_is_held_out_sees_nothing_and_is_on_record(ask: Ask, aiko: Person) -> None:
    message = held_out(aiko)
    seen = sees(ask, message)
    arms = dict(Assignment.objects.values_list("customer_id", "arm"))
    control = {who for who, arm in arms.items() if arm == "control"}
    assert len(arms) == 40
    assert len(control) > 20
    assert not control & set(seen)
    assert Entry.objects.filter(outcome="dropped", reason="held_out").count() == len(control)


def test_the_same_test_finds_a_gate_that_does_not_hold_out(
    ask: Ask, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kizuna.web.act.gate import checks

    kept = tuple(check for check in checks.CHECKS if check is not checks.holdout)
    monkeypatch.setattr(checks, "CHECKS", kept)
    assert len(sees(ask, held_out(aiko))) == 40


def test_a_message_is_for_its_pages_and_days(ask: Ask, aiko: Person) -> None:
    message = written(aiko, pages="/tea/*\n/sale")
    assert "again" in ask(message, path="/teapots")
    assert "shown" in ask(message, path="/tea/green")
    today = timezone.localdate()
    over = written(aiko, name="Over", until_on=today - timedelta(days=1))
    assert "again" in ask(over)
    assert [one.pk for one in showing.live(today)] == [message.pk]


def test_a_message_to_nobody_knows_whom_is_not_for_whom_somebody_knows(
    ask: Ask, aiko: Person
) -> None:
    message = written(aiko, audience="anonymous")
    Link.objects.create(raw_customer_id=ANONYMOUS + BROWSER, customer_id="hana")
    assert "again" in ask(message)
    assert "shown" in ask(message, browser="f" * 32)


@pytest.fixture
def greeting(aiko: Person, monkeypatch: pytest.MonkeyPatch) -> Message:
    """Give a message with a name in it, to a segment of which Hana is one."""
    segment = Segment.objects.create(
        name="Regulars", rule={}, created_by=aiko, created_at=NOW, changed_at=NOW
    )
    inside = {"hana"}
    monkeypatch.setattr(
        showing, "of_customer",
        lambda who: [(segment, timezone.now() if who in inside else None)],
    )  # fmt: skip
    for who in ("hana", "ichiro"):
        CustomerFact.objects.create(customer_id=who, name=f"{who} 様", fingerprint=1)
    body = "{{ customer.name }}"
    return written(aiko, audience="segment", segment=segment, body_ja=body, title_ja="")


def test_only_whom_the_site_vouches_for_gets_what_is_hers(
    ask: Ask, aiko: Person, greeting: Message
) -> None:
    secret = services.make_secret(actor=aiko)
    Link.objects.create(raw_customer_id=ANONYMOUS + BROWSER, customer_id="hana")
    assert "again" in ask(greeting), "what a browser's events say vouches for nothing"
    assert "again" in ask(greeting, user="hana", proof=proof_of("guessed", "hana"))
    assert "again" in ask(greeting, user="ichiro", proof=proof_of(secret, "ichiro"))
    assert ask(greeting, user="hana", proof=proof_of(secret, "hana"))["shown"]["body"] == [
        ["p", "", "hana 様"]
    ]


def test_the_same_test_finds_a_door_that_takes_any_proof(
    ask: Ask, aiko: Person, greeting: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kizuna.web.act.on_site import visitors

    monkeypatch.setattr(visitors, "_is_proven", lambda _user, _proof: True)
    assert "shown" in ask(greeting, user="hana", proof="guessed")


def test_programs_are_shown_nothing_and_placed_nowhere(ask: Ask, banner: Message) -> None:
    assert "again" in ask(banner, agent="Googlebot/2.1")
    assert not Assignment.objects.exists()


def test_clicks_of_programs_are_told_apart(ask: Ask, key: str, banner: Message) -> None:
    token = ask(banner)["shown"]["token"]
    note(key, token, "shown")
    note(key, token, "clicked")
    note(key, token, "clicked", "curl/8")
    Showing.objects.update(shown_at=timezone.now() - timedelta(seconds=3))
    note(key, token, "clicked")
    clicks = Hit.objects.filter(kind="clicked").order_by("pk")
    assert [hit.why for hit in clicks] == ["too_fast", "agent", ""]


def test_what_nobody_let_through_is_not_noted(key: str, banner: Message) -> None:
    assert note(key, "made-up", "shown") == 204
    assert not Hit.objects.exists()
