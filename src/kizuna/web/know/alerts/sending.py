"""Tell beyond the inbox: mails to people, messages into channels; each once, some together."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from kizuna.web.accounts.models import Person
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.capture.consents.queries import sender
from kizuna.web.know.alerts.models import Alert, Channel, Notice, Way
from kizuna.web.know.alerts.queries import Told, gravest, told
from kizuna.web.outgoing import Door, Refused, Unanswered

LEASE = timedelta(minutes=2)
TRIES = 8
A_ROUND = 500
TOGETHER = 25
"""Alerts of one message; more are counted."""


def send_due() -> int:
    """Send what is due, one message to each; give how many messages went out."""
    now = timezone.now()
    waiting = Notice.objects.filter(sent_at=None, due_at__lte=now, tries__lt=TRIES)
    if not settings.SMTP_HOST:
        waiting = waiting.filter(person=None)
    ordered = waiting.order_by("due_at", "pk").select_related("person", "channel")
    groups: defaultdict[tuple[Any, ...], list[Notice]] = defaultdict(list)
    for notice in ordered[:A_ROUND]:
        if _taken(notice, now):
            groups[notice.person_id, notice.channel_id, notice.is_escalation].append(notice)
    return sum(_send(notices, now) for notices in groups.values())


def _taken(notice: Notice, now: datetime) -> bool:
    """Take a notice by moving its moment on: where the worker is lost, that moment comes."""
    mine = Notice.objects.filter(pk=notice.pk, sent_at=None, due_at=notice.due_at)
    return bool(mine.update(due_at=now + LEASE, tries=F("tries") + 1))


def _send(notices: Sequence[Notice], now: datetime) -> int:
    first, ids = notices[0], [n.pk for n in notices]
    alerts = Alert.objects.filter(notices__in=ids).distinct()
    said = told(alerts.order_by(gravest(), "-last_at"))
    try:
        if first.person:
            _mail(first.person, said, first.is_escalation)
        elif first.channel:
            _call(first.channel, said)
    except (OSError, Refused, Unanswered, Failed) as error:
        problem = getattr(error, "code", "") or type(error).__name__
        wait = timedelta(minutes=1 << min(first.tries, 8))
        Notice.objects.filter(pk__in=ids).update(problem=problem, due_at=now + wait)
        return 0
    Notice.objects.filter(pk__in=ids).update(sent_at=timezone.now(), problem="")
    return 1


class Failed(Exception):  # noqa: N818  -- the other side's doing
    """The channel answered with something else than a success."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.code = f"status {status}"


def _mail(person: Person, said: Sequence[Told], escalated: bool) -> None:
    with override(person.language):
        shown = {"alerts": said[:TOGETHER], "more": len(said[TOGETHER:]), "site": sender().site}
        shown |= {"escalated": escalated, "inbox": _link(reverse("alerts:inbox"))}
        send_mail(_subject(said), render_to_string("alerts/mail.txt", shown), None, [person.email])


def _subject(said: Sequence[Told]) -> str:
    first = said[0]
    if len(said) == 1:
        text = gettext("%(customer)s: %(what)s") % {"customer": first.name, "what": first.title}
    else:
        text = ngettext("%(n)s alert", "%(n)s alerts", len(said)) % {"n": len(said)}
    return " ".join(text.split())


def _call(channel: Channel, said: Sequence[Told]) -> None:
    with override(settings.LANGUAGE_CODE):
        body = json.dumps(BODIES[Way(channel.way)](said[:TOGETHER]), ensure_ascii=False).encode()
    door = Door(allowed=tuple(settings.OUTGOING_HOSTS))
    headers = {"Content-Type": "application/json", "User-Agent": "Kizuna-Alerts/1"}
    answer = door.call(reveal(channel.hidden_url), body=body, headers=headers)
    if not 200 <= answer.status < 300:
        raise Failed(answer.status)


def _slack(said: Sequence[Told]) -> Mapping[str, Any]:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": _marked(one)[:2900]}} for one in said
    ]
    return {"text": _subject(said), "blocks": blocks}


def _marked(one: Told) -> str:
    lines = [f"*{_escaped(one.severity_word)}: {_escaped(one.name)}* – {_escaped(one.title)}"]
    lines += [_escaped(line) for line in (*one.changes, one.stake, one.advice) if line]
    return "\n".join([*lines, _link(one.path)])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(said: Sequence[Told]) -> Mapping[str, Any]:
    lines: list[dict[str, Any]] = []
    for one in said:
        head = f"{one.severity_word}: {one.name} – {one.title}"
        lines.append({"type": "TextBlock", "weight": "Bolder", "wrap": True, "text": head})
        rest = [*one.changes, one.stake, one.advice, _link(one.path)]
        lines += [{"type": "TextBlock", "wrap": True, "text": text} for text in rest if text]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _plain(said: Sequence[Told]) -> Mapping[str, Any]:
    return {"type": "alerts", "alerts": [one.as_json() for one in said]}


BODIES = {Way.SLACK: _slack, Way.TEAMS: _teams, Way.WEBHOOK: _plain}


def _link(path: str) -> str:
    """Give an address of this installation, where it is known under which name it is reached."""
    return urljoin(sender().site or "", path)
