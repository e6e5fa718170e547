"""Write templates: each saving is a version, and what does not fit is refused with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.messages.models import Channel, Missing, Template, TemplateVersion, Text
from kizuna.web.act.messages.placeholders import Problem, read
from kizuna.web.act.messages.variables import is_kept_back, variables


@dataclass(frozen=True, slots=True)
class Words:
    """What is written for one channel in one language."""

    channel: str
    language: str
    body: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with some words, and in which part of them."""

    channel: str
    language: str
    part: str
    problem: Problem


class FaultyError(Exception):
    """Raised for words that cannot be used: an unknown placeholder, one that is not closed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = list(faults)


class AlreadyChangedError(Exception):
    """Raised where somebody has changed a template since it was read; nothing is written."""


@dataclass(frozen=True, slots=True)
class Said:
    """A template as a person wrote it."""

    name: str
    purpose: str
    words: Sequence[Words]
    topic: str = ""
    missing: str = Missing.SKIP
    follows: bool = True


def faults(said: Said) -> list[Fault]:
    """Find everything that is wrong with what is written."""
    known = variables()
    return [
        Fault(words.channel, words.language, part, problem)
        for words in said.words
        for part, text in (("subject", words.subject), ("body", words.body))
        for problem in (*_misread(text, known), *_without_words(text, said.missing))
    ]


def _misread(text: str, known: Collection[str]) -> Iterator[Problem]:
    """Name what cannot be read or filled in, and what is not for the customer's eyes."""
    for found in read(text, known).problems:
        if found.code == "unknown" and is_kept_back(found.shown):
            yield replace(found, code="kept_back", instead="")
        else:
            yield found


def _without_words(text: str, missing: str) -> list[Problem]:
    """Where every placeholder has to have words instead, name those that have none."""
    if missing != Missing.FALLBACK:
        return []
    bare = (hole for hole in read(text).holes if not hole.fallback)
    return [Problem("no_fallback", 1, 1, hole.name) for hole in bare]


def save(
    *,
    actor: Person,
    said: Said,
    template: Template | None = None,
    version: int | None = None,
    request: HttpRequest | None = None,
) -> Template:
    """Write a template, or its next version.

    Raises
    ------
    FaultyError
        When something is wrong with the words.
    AlreadyChangedError
        When `version` is not the latest any more.

    """
    _must(actor)
    if found := faults(said):
        raise FaultyError(found)
    now = timezone.now()
    with transaction.atomic():
        kept = _kept(template, version)
        before = {"version": kept.version, "name": kept.name} if kept.pk else None
        kept.name, kept.purpose, kept.topic = said.name, said.purpose, said.topic
        kept.missing, kept.follows, kept.changed_at = said.missing, said.follows, now
        kept.version += 1
        kept.made_by = kept.made_by or actor
        kept.save()
        made = TemplateVersion.objects.create(
            template=kept, number=kept.version, made_by=actor, made_at=now
        )
        Text.objects.bulk_create(_text(made, words) for words in said.words)
        _record(actor, "saved", kept, request, before)
    return kept


def retire(
    *, actor: Person, template: Template, retired: bool, request: HttpRequest | None = None
) -> None:
    """Use a template no more, or again; what was written by it stays."""
    _must(actor)
    with transaction.atomic():
        found = Template.objects.select_for_update().get(pk=template.pk)
        found.retired_at = timezone.now() if retired else None
        found.save(update_fields=["retired_at"])
        _record(actor, "retired" if retired else "restored", found, request, None)


def _kept(template: Template | None, version: int | None) -> Template:
    if template is None:
        return Template()
    found: Template = Template.objects.select_for_update().get(pk=template.pk)
    if version is not None and found.version != version:
        raise AlreadyChangedError
    return found


def _text(version: TemplateVersion, words: Words) -> Text:
    subject = words.subject if words.channel == Channel.EMAIL else ""
    return Text(
        version=version, channel=words.channel, language=words.language, subject=subject,
        body=words.body,
    )  # fmt: skip


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(
    actor: Person,
    verb: str,
    found: Template,
    request: HttpRequest | None,
    before: dict[str, object] | None,
) -> None:
    audit(
        actor=actor, action=f"act.template.{verb}", target=str(found), before=before,
        after={"version": found.version, "name": found.name}, request=request,
    )  # fmt: skip
