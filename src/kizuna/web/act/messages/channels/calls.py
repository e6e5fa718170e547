"""Channels that are reached over HTTPS: LINE, SMS by a service, programs of the organisation's own.

All calls go through the one door that checks where an address leads.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from kizuna.web.act.messages.channels.protocol import Fate, Letter, Outcome
from kizuna.web.act.webhooks.patience import asked
from kizuna.web.act.webhooks.signatures import headers as signed
from kizuna.web.outgoing import Answer, Door, Refused, Unanswered

AGENT = "Kizuna-Messages/1"
LINE_PUSH = "https://api.line.me/v2/bot/message/push"
LINE_LONGEST = 5_000
NOT_SENT = ("unknown_host", "connect", "tls")
"""How a call ends that nobody heard."""
SPACE = uuid.UUID("5f0c1d3e-6d0f-4d7a-9f4e-0d1b6a7c2e11")


@dataclass(frozen=True, slots=True)
class Line:
    """LINE's Messaging API: a push, which the retry key lets be taken once within a day."""

    token: str
    url: str = LINE_PUSH
    is_safe: bool = True

    def send(self, letter: Letter) -> Outcome:
        """Push a text to a user."""
        said = {"to": letter.address, "messages": [{"type": "text", "text": _cut(letter.text)}]}
        headers = {
            "Authorization": f"Bearer {self.token}",
            "X-Line-Retry-Key": str(uuid.uuid5(SPACE, letter.key)),
        }
        outcome = _called(self.url, said, headers)
        # 409: a call with this key was taken before
        if outcome.detail.startswith("409"):
            return Outcome(Fate.SENT, reference=outcome.reference)
        return outcome

    def close(self) -> None:
        """Hold nothing."""


@dataclass(frozen=True, slots=True)
class Sms:
    """Any service for short messages that takes a call with `to` and `text`."""

    url: str
    token: str = ""
    is_safe: bool = False

    def send(self, letter: Letter) -> Outcome:
        """Hand a short message to the service."""
        said = {"id": letter.key, "to": letter.address, "text": letter.text}
        headers = {"Idempotency-Key": letter.key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return _called(self.url, said, headers)

    def close(self) -> None:
        """Hold nothing."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program of the organisation's own; the constant id lets it take a message once."""

    url: str
    secret: str
    is_safe: bool = True

    def send(self, letter: Letter) -> Outcome:
        """Tell the program, signed as Standard Webhooks lays down."""
        body = _json({**letter.payload, "text": letter.text})
        name = f"msg_{uuid.uuid5(SPACE, letter.key).hex}"
        return _answered(
            self.url, body, signed((self.secret,), name, int(timezone.now().timestamp()), body)
        )

    def close(self) -> None:
        """Hold nothing."""


def _called(url: str, said: Mapping[str, Any], headers: Mapping[str, str]) -> Outcome:
    return _answered(url, _json(said), headers)


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _answered(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    door = Door(allowed=tuple(settings.OUTGOING_HOSTS))
    sent = {"Content-Type": "application/json", "User-Agent": AGENT, **headers}
    try:
        return _of_answer(door.call(url, body=body, headers=sent))
    except Refused as error:
        return Outcome(Fate.AGAIN, "address_refused", error.code, down=True)
    except Unanswered as error:
        if error.code in NOT_SENT:
            return Outcome(Fate.AGAIN, "unreachable", error.code, down=True)
        return Outcome(Fate.UNCERTAIN, "no_answer", error.code)


def _of_answer(answer: Answer) -> Outcome:
    said = f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}".replace("\x00", "")
    wait = _wait(answer.headers)
    reference = answer.headers.get("x-line-request-id", "")[:200]
    if 200 <= answer.status < 300:
        return Outcome(Fate.SENT, reference=reference)
    if answer.status in (408, 425, 429, 503):
        return Outcome(Fate.AGAIN, "busy", said, wait=wait, down=answer.status == 429)
    if answer.status in (401, 403, 404, 410):
        return Outcome(Fate.AGAIN, "sign_in_refused", said, down=True)
    if answer.status >= 500:
        return Outcome(Fate.UNCERTAIN, "no_answer", said, wait=wait)
    return Outcome(Fate.REFUSED, "refused", said, reference=reference)


def _wait(headers: Mapping[str, str]) -> float:
    return asked(headers, timezone.now()).total_seconds()


def _cut(text: str) -> str:
    return text if len(text) <= LINE_LONGEST else text[: LINE_LONGEST - 1] + "…"
