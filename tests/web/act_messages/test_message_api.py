"""Programs tell what came back, and under which names customers are known."""

from __future__ import annotations

from typing import Any

import pytest

from kizuna.web.accounts.models import Scope
from kizuna.web.act.gate.models import Suppression
from kizuna.web.act.messages import sending
from kizuna.web.act.messages.models import Bounce, Handle
from post_office import post_office
from web.act_messages.conftest import Ask, customer
from web.act_messages.test_message_pages import REPORT
from web.interface.asking import Program

pytestmark = pytest.mark.django_db


def test_a_service_for_mail_tells_what_came_back(ask: Ask, settings: Any, mia: Any) -> None:
    customer("c1")
    with post_office(settings) as office:
        ask()
        sending.send_due(budget=2)
    program = Program(mia, Scope.WRITE)
    said = {"kind": "complaint", "message_id": office.mails[0]["Message-ID"]}
    other = {"kind": "hard", "address": "stranger@example.jp"}
    answer = program.post("messages/bounces", json={"bounces": [said, other]})
    assert answer.json() == {"noted": 1, "unknown": 1}
    raw = REPORT.format(status="5.1.1", address="c1@example.jp", message_id="<x@y>")
    assert program.post("messages/reports", json={"mail": raw}).json()["noted"] == 1
    assert set(Bounce.objects.values_list("kind", flat=True)) == {"complaint", "hard"}
    assert set(Suppression.objects.values_list("cause", flat=True)) == {"complaint", "bounce"}


def test_names_on_line_are_told_and_one_name_is_one_customers(mia: Any) -> None:
    program = Program(mia, Scope.WRITE)
    for who in ("c1", "c2"):
        said = {"channel": "line", "handles": [{"customer_id": who, "value": "U1"}]}
        assert program.post("messages/handles", json=said).json() == {"named": 1}
    assert Handle.objects.get().customer_id == "c2"


def test_without_a_key_nothing_is_taken(client: Any, mia: Any) -> None:
    said = {"bounces": [{"kind": "hard", "address": "c1@example.jp"}]}
    answer = client.post("/api/v1/messages/bounces", said, content_type="application/json")
    assert answer.status_code == 401
