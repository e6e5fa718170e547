"""The demo's actions: their past brought in, what is on offer, a playbook, segments."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import override

from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.history import Done, Past, Was, bring_in
from kizuna.web.act.actions.models import Action
from kizuna.web.act.playbooks import ready
from kizuna.web.act.playbooks import services as playbooks
from kizuna.web.demo import surveys
from kizuna.web.know.segments import services as segments
from kizuna.web.measure.next_best import services as choice

OF_ACTION: Final = (
    *("name", "kind", "purpose", "holdout", "always_on", "horizon_days", "planned_units"),
    *("worth", "cost_per_unit", "cost_per_minute"),
)
WHY: Final = {"en": "Brought in with its register.", "ja": "実施記録とともに取り込みました。"}
HANDS: Final = 60
"""How many cards can be written at one time."""
PLAYBOOK: Final = "shop:champion"
"""The ready playbook that is live: it opens tasks and writes to nobody."""
SEGMENTS: Final = (
    ("Regulars", "いつものお客様", "orders >= 4 AND days_since_purchase <= 90"),
    ("Regulars going quiet", "足が遠のいた常連のお客様", "orders >= 4 AND p_alive < 0.5"),
    (
        "First order, no second yet",
        "2回目のご注文がまだのお客様",
        "orders = 1 AND days_since_purchase <= 90",
    ),
)


def tell(*, owner: Person, path: Path, survey: Path, lang: str) -> None:
    """Bring in what was done in the past, offer what goes on, and keep a few segments."""
    made = {said["key"]: _bring(owner, said, lang) for said in json.loads(path.read_text("utf-8"))}
    surveys.tell(owner=owner, path=survey, why=WHY[lang])
    choice.offer(actor=owner, action=made["card"], capacity=HANDS, minutes=4)
    choice.offer(actor=owner, action=made["birthday"])
    for name, name_ja, rule in SEGMENTS:
        segments.save(actor=owner, name=name_ja if lang == "ja" else name, rule=rule)
    _go_on(owner, lang)


def _go_on(owner: Person, lang: str) -> None:
    """Take a ready playbook live."""
    with override(lang):
        made = ready.begin(actor=owner, pack=PLAYBOOK, about={})
        playbooks.go_live(actor=owner, pk=made.pk, edits=made.edits, read=True)


def _bring(owner: Person, said: dict[str, Any], lang: str) -> Action:
    told = {name: said[name] for name in OF_ACTION if said[name] is not None}
    made = actions.draft(actor=owner, **told)
    if made.experiment_id != said["experiment_id"]:
        raise InputError(f"{made} is action {made.experiment_id}, not {said['experiment_id']}")
    return bring_in(actor=owner, action=made, past=_past(said), why=WHY[lang])


def _past(said: dict[str, Any]) -> Past:
    ended = said["ended_on"]
    placed = [
        Was(customer, datetime.fromisoformat(at), arm, said["reason"])
        for customer, at, arm in said["placed"]
    ]
    done = [
        Done(f"{said['key']}:{number}", who, said["kind"], datetime.fromisoformat(at), *what)
        for number, (who, at, *what) in enumerate(said["deeds"])
    ]
    started = date.fromisoformat(said["started_on"])
    return Past(said["salt"], started, date.fromisoformat(ended) if ended else None, placed, done)
