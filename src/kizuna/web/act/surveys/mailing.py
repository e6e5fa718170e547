"""Mails that ask: written once for each survey, lined up for each customer, followed to their end.

A link in a mail carries an answer that is filled in; only the press on the page counts. Managers
change the words under *Messages*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kizuna.web.accounts.models import Person
from kizuna.web.act.messages.models import BounceKind, Channel, Missing, OutboxMessage, Template
from kizuna.web.act.messages.models import State as Sending
from kizuna.web.act.messages.services import outbox, templates
from kizuna.web.act.messages.services.templates import Said, Words
from kizuna.web.act.surveys import links
from kizuna.web.act.surveys.models import Ask, Question, QuestionKind, Standing, Survey, Why
from kizuna.web.capture.consents.queries import sender

PURPOSE = "service"
"""What customers said yes or no to, where nobody chose another purpose for the mail."""
A_PART = 500
UNSEEN_FOR = timedelta(days=1)
BACK_WITHIN = timedelta(days=14)
ARRIVED = frozenset({Sending.SENT, Sending.UNCERTAIN})
LOST = frozenset({Sending.DROPPED, Sending.REFUSED})


def write(survey: Survey, actor: Person) -> Template:
    """Write the mail of a survey in each language in which its first question stands."""
    first = survey.questions.order_by("number")[0]
    texts = {"en": first.text_en, "ja": first.text_ja}
    words = [_words(first, language, text) for language, text in texts.items() if text]
    name = _free_name(survey.name)
    said = Said(name=name, purpose=PURPOSE, words=words, missing=Missing.SKIP, follows=False)
    return templates.save(actor=actor, said=said)


def line_up(asks: Iterable[Ask]) -> int:
    """Line up the mails of those who wait for one; give how many.

    Where nobody said under which address customers reach us, they go on waiting.
    """
    if not sender().site:
        return 0
    count = 0
    for ask in asks:
        template = ask.survey.template
        if template is not None and template.retired_at is None:
            outbox.enqueue(
                action=ask.survey.action,
                customer_id=ask.customer_id,
                step=step_of(ask),
                template=template,
                at=ask.made_at,
                values={"link": links.whole(links.answer_path(ask))},
            )
            count += 1
    return count


def follow() -> int:
    """See what became of the mails of those who wait, and line up what is missing; give how many.

    A mail that did not arrive asked nobody, and does not count against the pace.
    """
    now = timezone.now()
    last, changed = 0, _unseen(now) + _came_back(now)
    while part := _waiting(last):
        found = _messages(part)
        line_up(ask for ask in part if ask.pk not in found)
        changed += sum(_settled(ask, found[ask.pk]) for ask in part if ask.pk in found)
        last = part[-1].pk
    return changed


def _unseen(now: datetime) -> int:
    """Let go of visitors to whom the question was to be shown, and who left before it was."""
    gone = Ask.objects.filter(state=Standing.WAITING, is_on_site=True, made_at__lt=now - UNSEEN_FOR)
    return gone.update(state=Standing.NOT_ASKED, why=Why.GATE)


def _came_back(now: datetime) -> int:
    """Take back who was asked by a mail to an address that is none, and has not answered."""
    mails = OutboxMessage.objects.filter(
        action__survey__isnull=False,
        bounces__kind=BounceKind.HARD,
        bounces__at__gt=now - BACK_WITHIN,
    )
    asks = [int(step.rpartition(" ")[2]) for step in mails.values_list("step", flat=True)]
    reached = Ask.objects.filter(pk__in=asks, state=Standing.SENT, answer=None)
    return reached.update(state=Standing.NOT_ASKED, why=Why.GATE)


def _waiting(last: int) -> list[Ask]:
    kept = Ask.objects.filter(
        state=Standing.WAITING, survey__state="open", pk__gt=last, is_on_site=False
    )
    return list(kept.select_related("survey__action", "survey__template").order_by("pk")[:A_PART])


def _messages(asks: Iterable[Ask]) -> Mapping[int, OutboxMessage]:
    keys = {outbox.key_of(a.survey.action, a.customer_id, step_of(a)): a.pk for a in asks}
    kept = OutboxMessage.objects.filter(key__in=keys)
    return {keys[message.key]: message for message in kept}


def _settled(ask: Ask, message: OutboxMessage) -> int:
    row = Ask.objects.filter(pk=ask.pk, state=Standing.WAITING)
    if message.state in ARRIVED:
        return row.update(state=Standing.SENT, sent_at=message.handed_at or timezone.now())
    if message.state in LOST:
        return row.update(state=Standing.NOT_ASKED, why=Why.GATE)
    return 0


def step_of(ask: Ask) -> str:
    """Name the step of the action by which the mail of an asking goes."""
    return f"survey {ask.survey_id} ask {ask.pk}"


def _words(first: Question, language: str, text: str) -> Words:
    with override(language):
        subject, lead = _("Your opinion, please"), _("One question, one press: %(question)s")
        end = _("Or open the page: %(link)s") % {
            "link": "[" + _("To the survey") + "]({{ value.link }})"
        }
        lines = [lead % {"question": f"**{text}**"}, *_offers(first), end]
    return Words(Channel.EMAIL, language, "\n\n".join(lines), subject)


def _offers(first: Question) -> list[str]:
    """Write a link for each answer of a scale, with what its ends mean."""
    if first.kind != QuestionKind.SCALE:
        return []
    ways = " · ".join(f"[{n}]({{{{ value.link }}}}?reply={n})" for n in first.scale)
    ends = [
        f"{n}: {end}" for n, end in zip((first.low, first.high), first.ends, strict=False) if end
    ]
    return [ways, " / ".join(ends)] if ends else [ways]


def _free_name(name: str) -> str:
    """Give the survey's name, or one like it where a template has it already."""
    tried, number = name, 1
    while Template.objects.filter(name=tried).exists():
        number += 1
        tried = f"{name[:110]} ({number})"
    return tried
