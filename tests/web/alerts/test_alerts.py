"""Alerts: raised when something turns, once a cause, to whom it concerns; silence that lasts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from kizuna.jobs.business_days import Calendar
from kizuna.jobs.watch import Changed, Turned
from kizuna.pipeline.rules import reading
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.accounts.secrecy import hide
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.alerts import escalating, hours, queries, raising, sending, services
from kizuna.web.know.alerts.models import (
    Alert,
    AlertRule,
    Beginning,
    Channel,
    Evaluation,
    Notice,
    Snooze,
    State,
)
from kizuna.web.know.alerts.ready import READY, condition_of
from kizuna.web.know.alerts.stakes import stake
from kizuna.web.know.alerts.tasks import after_publication
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.outgoing import Answer, Door
from tiny_tables import table
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


def rule(name: str = "Use halved", **said: Any) -> AlertRule:
    values = {"kind": "below", "fact": "p_alive", "amount": 0.4, "cause": "use"}
    values |= {"severity": "caution", "advice": "Call.", "in_hours": False}
    return AlertRule.objects.create(**(values | {"name": name} | said))


def take(*rules: AlertRule, customer: str = "acme", begins: bool = True, at: Any = NOW) -> Any:
    change = (Changed("p_alive", 0.9, 0.3),)
    turned = [Turned(customer, r.pk, begins, change, 90_000.0, 60_000.0) for r in rules]
    return raising.take(turned=turned, rules={r.pk: r for r in rules}, currency="JPY", at=at)


@pytest.fixture
def acme(ben: Person) -> None:
    CustomerFact.objects.create(customer_id="acme", folded="acme", fingerprint=0, name="Acme")
    Profile.objects.create(customer_id="acme", owner=ben)


def test_an_alert_goes_to_the_owner_and_says_what_changed_what_it_costs_and_what_to_do(
    acme: None, ben: Person, client_of: ClientOf
) -> None:
    take(rule())
    alert = Alert.objects.get()
    assert (alert.person, alert.value, alert.at_risk) == (ben, 90_000, 60_000)
    page = client_of(ben).get(f"/alerts/{alert.pk}/").content.decode()
    assert "90% → 30%" in page
    assert "¥60,000" in page
    assert "Call." in page
    alert.refresh_from_db()
    assert alert.seen_at is not None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "not yet known"),
        ({"value": 0.4, "at_risk": 0.2, "stake_of": "purchase"}, "Next to nothing"),
        ({"value": 900.0, "at_risk": 300.0, "stake_of": "purchase"}, "¥300 of the margin of ¥900"),
        ({"value": 900.0, "at_risk": 90.0, "stake_of": "contract"}, "10% likely to leave by"),
        ({"value": 900.0, "at_risk": 300.0, "stake_of": "renewal"}, "when the term ends on"),
        ({"value": 900.0, "at_risk": 900.0, "stake_of": "notice"}, "¥900 a year end on"),
        ({"value": 900.0, "stake_of": "contract", "severity": "good"}, "bring ¥900 a year"),
        ({"value": 900.0, "at_risk": 90.0, "stake_of": "bound"}, "cannot end before"),
    ],
)
def test_what_is_at_stake_is_told_of_what_it_is_and_never_as_nothing_of_nothing(
    said: dict[str, Any], words: str
) -> None:
    usual = {"severity": "caution", "currency": "JPY", "stake_on": date(2027, 1, 2)}
    found = stake(Alert(**usual | said))
    assert words in found
    assert "¥0" not in found


def test_the_owner_whom_the_data_names_by_mail_gets_it(ben: Person) -> None:
    CustomerFact.objects.create(
        customer_id="beta", folded="b", fingerprint=0, owner_email="Ben@Example.com"
    )
    take(rule(), customer="beta")
    assert Alert.objects.get().person == ben


def test_what_has_no_owner_goes_to_the_managers(aiko: Person) -> None:
    take(rule(by_mail=True), customer="nobody")
    assert Alert.objects.get().person is None
    assert [notice.person for notice in Notice.objects.all()] == [aiko]


def test_two_rules_about_one_cause_are_one_alert_told_once(acme: None) -> None:
    tally = take(rule("A", by_mail=True), rule("B", by_mail=True), rule("C", cause="money"))
    assert Alert.objects.count() == 2
    assert Notice.objects.count() == 1
    assert tally.told.total() == 2
    (told,) = queries.told(Alert.objects.filter(cause="use"))
    assert told.title == "B · A"


def test_what_is_graver_is_told_again(acme: None) -> None:
    take(rule("A", by_mail=True))
    take(rule("B", by_mail=True, severity="serious"))
    assert Alert.objects.get().severity == "serious"
    assert Notice.objects.count() == 2


def test_the_same_turn_taken_twice_is_told_once(acme: None) -> None:
    some = rule(quiet_days=0, by_mail=True)
    take(some)
    take(some)
    assert (Alert.objects.count(), Notice.objects.count()) == (1, 1)


def test_what_goes_on_and_off_is_told_once_until_it_was_quiet(acme: None) -> None:
    some = rule(quiet_days=14)
    for day in (0, 3, 6, 9):
        take(some, at=NOW + timedelta(days=day))
        take(some, begins=False, at=NOW + timedelta(days=day + 1))
    assert Alert.objects.count() == 1
    take(some, at=NOW + timedelta(days=9 + 14))
    assert Alert.objects.count() == 2


def test_without_memory_of_what_began_it_would_be_told_each_time(acme: None) -> None:
    some = rule(quiet_days=14)
    for day in (0, 3, 6):
        take(some, at=NOW + timedelta(days=day))
        take(some, begins=False, at=NOW + timedelta(days=day + 1))
        Beginning.objects.all().delete()
    assert Alert.objects.count() == 3


def test_an_alert_is_over_by_itself_when_nothing_of_it_holds(acme: None) -> None:
    first, second = rule("A", by_mail=True), rule("B")
    take(first, second)
    take(first, begins=False)
    assert Alert.objects.get().state == State.OPEN
    take(second, begins=False)
    assert Alert.objects.get().state == State.CLEARED
    assert not Notice.objects.exists()


def test_a_snooze_survives_changing_numbers_but_not_what_is_graver(acme: None, ben: Person) -> None:
    take(rule("A", quiet_days=0, by_mail=True), at=timezone.now())
    services.snooze(actor=ben, alert_id=Alert.objects.get().pk, days=30)
    assert not Notice.objects.exists()
    take(rule("B", by_mail=True), at=timezone.now())
    services.finish(actor=ben, alert_id=Alert.objects.get().pk)
    take(rule("C", by_mail=True), at=timezone.now())
    assert not Notice.objects.exists()
    assert list(queries.inbox(ben, "mine", "open", 1)) == []
    assert len(queries.inbox(ben, "mine", "snoozed", 1)) == 1
    take(rule("D", severity="serious", by_mail=True), at=timezone.now())
    assert Notice.objects.count() == 1


def test_a_snooze_of_the_number_alone_would_break(acme: None, ben: Person) -> None:
    take(rule("A"), at=timezone.now())
    services.snooze(actor=ben, alert_id=Alert.objects.get().pk, days=30)
    services.finish(actor=ben, alert_id=Alert.objects.get().pk)
    Snooze.objects.all().delete()
    take(rule("B", by_mail=True), at=timezone.now())
    assert Notice.objects.count() == 1


def test_a_muted_rule_raises_nothing(acme: None, aiko: Person) -> None:
    some = rule()
    services.mute_rule(actor=aiko, rule_id=some.pk, days=7)
    some.refresh_from_db()
    tally = take(some, at=timezone.now())
    assert not Alert.objects.exists()
    assert tally.held[some.pk] == {"muted": 1}


def test_a_mail_is_in_the_language_of_the_person_and_goes_once(
    acme: None, ben: Person, settings: Any
) -> None:
    settings.SMTP_HOST = "mail.example.com"
    ben.language = "ja"
    ben.save()
    take(rule(by_mail=True), rule("Paid late", by_mail=True, cause="money"))
    assert (sending.send_due(), sending.send_due()) == (1, 0)
    (letter,) = mail.outbox
    assert letter.subject == "アラート2件"
    assert "Acme" in letter.body
    assert letter.to == ["ben@example.com"]


@pytest.mark.parametrize(("way", "where"), [("slack", "blocks"), ("teams", "attachments")])
def test_a_channel_is_told_in_its_own_words_and_tried_again(
    acme: None, aiko: Person, monkeypatch: pytest.MonkeyPatch, way: str, where: str
) -> None:
    room = Channel.objects.create(
        name="room", way=way, hidden_url=hide("https://hooks.example/x"), made_by=aiko
    )
    answers, sent = [500, 200], []

    def call(_door: Door, url: str, *, body: bytes, headers: Any) -> Answer:
        sent.append((url, json.loads(body)))
        return Answer(answers.pop(0), {}, b"")

    monkeypatch.setattr(Door, "call", call)
    take(rule(channel=room))
    assert sending.send_due() == 0
    assert Notice.objects.get().problem == "status 500"
    Notice.objects.update(due_at=NOW)
    assert sending.send_due() == 1
    assert sent[1][0] == "https://hooks.example/x"
    assert "Acme" in json.dumps(sent[1][1][where])


def test_what_nobody_reads_in_time_goes_to_somebody_else(acme: None, aiko: Person) -> None:
    take(rule(escalate_hours=4, escalate_to=aiko), at=timezone.now() - timedelta(hours=5))
    assert (escalating.escalate(), escalating.escalate()) == (1, 0)
    assert Notice.objects.get().person == aiko


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-06-03 10:00", "2026-06-03 10:00"),
        ("2026-06-03 19:00", "2026-06-04 09:00"),
        ("2026-06-05 18:30", "2026-06-08 09:00"),
        ("2026-04-29 12:00", "2026-04-30 09:00"),
    ],
)
def test_messages_wait_until_business_opens(now: str, opens: str) -> None:
    found = hours.opening(datetime.fromisoformat(now), Calendar(country="JP"))
    assert f"{found:%Y-%m-%d %H:%M}" == opens


def test_each_ready_rule_can_be_read_and_added_once(aiko: Person, ben: Person) -> None:
    for said in READY:
        reading.read(condition_of(said, "JPY"), known_facts())
    assert services.add_ready(actor=aiko) == len(READY)
    assert services.add_ready(actor=aiko) == 0
    assert set(AlertRule.objects.values_list("person", flat=True)) == {aiko.pk}
    with pytest.raises(PermissionDenied):
        services.add_ready(actor=ben)


def test_a_rule_with_an_error_says_where_and_what_was_meant(
    aiko: Person, client_of: ClientOf
) -> None:
    said = {"name": "X", "kind": "rule", "condition": "p_aliv < 0.4", "cause": "use"}
    said |= {"severity": "info", "advice": "Call.", "to": "owner", "pace": "now"}
    said |= {"days": "30", "quiet_days": "14"}
    client = client_of(aiko)
    answer = client.post("/alerts/rules/new", said)
    assert answer.status_code == 422
    assert "p_alive" in answer.content.decode()
    assert (
        client.post("/alerts/rules/new", said | {"condition": "p_alive < 0.4"}).status_code == 302
    )
    assert AlertRule.objects.get().condition == "p_alive < 0.4"


def test_the_second_of_two_who_change_a_rule_overwrites_nothing(aiko: Person) -> None:
    some = rule()
    services.change_rule(actor=aiko, rule_id=some.pk, version=1, said={"advice": "Write."})
    with pytest.raises(services.ChangedMeanwhileError):
        services.change_rule(actor=aiko, rule_id=some.pk, version=1, said={"advice": "Wait."})


def test_an_alert_of_another_is_handled_by_managers_alone(
    acme: None, ben: Person, chiyo: Person, aiko: Person
) -> None:
    take(rule())
    with pytest.raises(PermissionDenied):
        services.finish(actor=chiyo, alert_id=Alert.objects.get().pk)
    services.finish(actor=aiko, alert_id=Alert.objects.get().pk)
    assert Alert.objects.get().state == State.DONE


PAGES = ("/alerts/", "/alerts/?state=ended&whose=all", "/alerts/rules/", "/alerts/rules/new")


def test_pages_ask_the_database_no_more_often_the_more_alerts_there_are(
    acme: None, aiko: Person, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    rules = [rule(f"R{n}", cause=c) for n, c in enumerate(("use", "money", "service"))]
    for n in range(30):
        take(*rules, customer=f"c{n}")
    client: Client = client_of(aiko)
    for page in (*PAGES, "/alerts/channels/", f"/alerts/rules/{rules[0].pk}/", "/day/"):
        with django_assert_max_num_queries(20):
            assert client.get(page).status_code == 200


def test_what_a_publication_changed_is_told_and_noted(
    acme: None, settings: Any, tmp_path: Any
) -> None:

    settings.KIZUNA_HOME = tmp_path

    store, some = Store(tmp_path / "store"), rule()
    for day, alive in ((1, 0.9), (2, 0.2)):
        rows = [{"customer_id": "acme", "p_alive": alive, "residual_clv": 5000.0}]
        version = store.write("customer_facts", table("customer_facts", rows))
        made = Publication.objects.create(
            status=Status.PUBLISHED,
            as_of=datetime(2026, 6, day, tzinfo=UTC).date(),
            published_at=timezone.now(),
            versions={"customer_facts": version},
            summary={"currency": "JPY", "customers": 1},
        )

        after_publication.enqueue(made.pk)
        run_all()
    assert Alert.objects.get().customer_id == "acme"
    noted = Evaluation.objects.get(rule=some)
    assert (noted.began, noted.told) == (1, 1)
