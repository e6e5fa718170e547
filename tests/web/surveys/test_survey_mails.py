"""The mail that asks, through a real server: scanners press nothing, what is lost asks nobody."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Deed, Programme
from kizuna.web.act.gate.models import Rules
from kizuna.web.act.messages import sending
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.messages.services import bounces
from kizuna.web.act.surveys import links, mailing
from kizuna.web.act.surveys.models import Answer, Ask, Survey
from kizuna.web.act.surveys.services import asking, designing
from kizuna.web.capture.consents.models import Sender
from post_office import post_office
from web.act_messages.conftest import customer

pytestmark = pytest.mark.django_db
SITE = "https://kizuna.example"


@pytest.fixture
def who(db: None) -> None:
    """Say who writes; let the gate know no quiet hours and no global control."""
    Rules.objects.create(quiet_channels=[])
    Programme.objects.update_or_create(pk=Programme.THE_ONE, defaults={"is_on": False})
    said = {"legal_name": "絆商店", "postal_address": "東京", "contact": "03", "site": SITE}
    Sender.objects.update_or_create(pk=Sender.THE_ONE, defaults=said)


def sent(survey: Survey, *customer_ids: str) -> list[Ask]:
    """Ask some customers by mail, and see what became of it."""
    for one in customer_ids:
        asking.ask(survey=survey, customer_id=one, key=one, at=timezone.now())
    sending.send_due(chance=Random(3), budget=5)
    mailing.follow()
    return list(Ask.objects.order_by("customer_id"))


def test_each_answer_in_the_mail_is_one_press_away_and_scanners_press_nothing(
    who: None, survey: Survey, settings: Any, client: Client
) -> None:
    customer("hana")
    with post_office(settings) as office:
        (ask,) = sent(survey, "hana")
    [mail] = office.mails
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "はなやを友人や同僚に薦める可能性はどのくらいありますか。" in text
    paths = re.findall(rf'href="{SITE}(/s/[^"]+)"', html)
    assert [path.partition("?reply=")[2] for path in paths] == [*map(str, range(11)), ""]
    for path in paths:
        assert client.get(path).status_code == client.head(path).status_code == 200
    assert not Answer.objects.exists()
    assert 'value="7" checked' in client.get(paths[7]).content.decode()
    assert client.post(paths[7], {"q1": "7"}).status_code == 200
    assert (Answer.objects.get().score, ask.state) == (7, "sent")
    assert Deed.objects.count() == 1


def test_a_mail_that_reaches_nobody_asks_nobody(
    who: None, aiko: Person, survey: Survey, settings: Any
) -> None:
    customer("hana", email=None)
    with post_office(settings):
        (ask,) = sent(survey, "hana")
    assert (ask.state, ask.why) == ("not_asked", "gate")
    again = asking.ask(survey=survey, customer_id="hana", key="2", at=timezone.now())
    assert again.pk == ask.pk, "once a wave, all the same"


def test_a_mail_that_comes_back_asked_nobody_unless_she_has_answered(
    who: None, aiko: Person, survey: Survey, settings: Any, client: Client
) -> None:
    for name in ("hana", "jun", "ken"):
        customer(name)
    with post_office(settings):
        hana, _jun, ken = sent(survey, "hana", "jun", "ken")
    client.post(links.answer_path(ken), {"q1": "9"})
    for message in OutboxMessage.objects.exclude(customer_id="jun"):
        bounces.note(report=bounces.Report("hard", message.pk), at=timezone.now())
    mailing.follow()
    states = dict(Ask.objects.values_list("customer_id", "state"))
    assert states == {"hana": "not_asked", "jun": "sent", "ken": "sent"}
    assert Ask.objects.get(pk=hana.pk).why == "gate"


def test_mails_wait_until_it_is_said_where_customers_reach_us(
    who: None, survey: Survey, settings: Any
) -> None:
    customer("hana")
    Sender.objects.update(site="")
    with post_office(settings) as office:
        (ask,) = sent(survey, "hana")
        assert (ask.state, office.mails) == ("waiting", [])
        Sender.objects.update(site=SITE)
        mailing.follow()
        (ask,) = sent(survey, "hana")
    assert (ask.state, len(office.mails)) == ("sent", 1)


def test_a_survey_that_is_closed_sends_nothing_more(
    who: None, aiko: Person, survey: Survey
) -> None:
    customer("hana")
    asking.ask(survey=survey, customer_id="hana", key="1", at=timezone.now())
    designing.close(actor=aiko, pk=survey.pk)
    assert OutboxMessage.objects.get().state == "dropped"
    assert Ask.objects.get().why == "closed"
