"""Playbooks that come with Kizuna: for shops by mail order, software by subscription, agencies.

They are YAML files in `packs/`; a text that stands in two languages is `{ja: …, en: …}`. Messages
that a pack sends are written as templates when it is taken, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Action
from kizuna.web.act.messages.models import Channel, Template
from kizuna.web.act.messages.services.templates import Said as TemplateSaid
from kizuna.web.act.messages.services.templates import Words, save
from kizuna.web.act.playbooks import services
from kizuna.web.act.playbooks.models import Playbook
from kizuna.web.act.playbooks.plan import Said
from kizuna.web.act.playbooks.yaml_text import read
from kizuna.web.capture.consents.models import Kind as PurposeKind
from kizuna.web.capture.consents.models import Purpose

FOLDER = Path(__file__).parent / "packs"
LANGUAGES = ("ja", "en")
GROUPS: Mapping[str, str | Promise] = {
    "shop": _("For a shop by mail order"),
    "saas": _("For software by subscription"),
    "agency": _("For an agency"),
}


@dataclass(frozen=True, slots=True)
class Pack:
    """A ready playbook: its key, and what people read of it in their language."""

    key: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Group:
    """The ready playbooks for one kind of business."""

    label: str | Promise
    packs: list[Pack]


def groups() -> list[Group]:
    """Give the ready playbooks by kind of business, in the language of whoever reads."""
    return [
        Group(label, [_pack(f"{name}:{key}", one) for key, one in packs(name).items()])
        for name, label in GROUPS.items()
    ]


def _pack(key: str, one: Said) -> Pack:
    said = in_language(one, language())
    return Pack(key, str(said["name"]), str(said["purpose"]))


def language() -> str:
    """Give the language of whoever reads, as far as packs go."""
    return "ja" if (get_language() or "").startswith("ja") else "en"


@cache
def packs(group: str) -> dict[str, Said]:
    """Read the packs of a kind of business, as they are written: in both languages."""
    found: dict[str, Said] = read((FOLDER / f"{group}.yaml").read_text("utf-8")).said
    return found


def in_language(value: Any, name: str) -> Any:
    """Choose of every text that stands in two languages the one."""
    if isinstance(value, dict):
        if set(value) == set(LANGUAGES):
            return value[name]
        return {key: in_language(inner, name) for key, inner in value.items()}
    return [in_language(inner, name) for inner in value] if isinstance(value, list) else value


def begin(*, actor: Person, pack: str, about: Said, request: HttpRequest | None = None) -> Playbook:
    """Begin with a pack, or with nothing but a name; raises LookupError where there is no such."""
    if not pack:
        said = {**about, "trigger": {"when": "by_hand"}, "steps": []}
        return services.make(actor=actor, said=said, request=request)
    group, _colon, key = pack.partition(":")
    if group not in GROUPS or key not in packs(group):
        raise LookupError(pack)
    written = packs(group)[key]
    with transaction.atomic():
        _write_templates(actor, written.get("templates") or {}, request)
        said = in_language({k: v for k, v in written.items() if k != "templates"}, language())
        said["name"] = _free_name(str(said["name"]))
        return services.make(actor=actor, said=said, request=request)


def _write_templates(actor: Person, written: Said, request: HttpRequest | None) -> None:
    """Write the messages of a pack, in both languages; one of this name that is there stays."""
    for one in written.values():
        name = str(in_language(one["name"], language()))
        if Template.objects.filter(name=name).exists():
            continue
        words = [
            Words(Channel.EMAIL, spoken, str(one["body"][spoken]), str(one["subject"][spoken]))
            for spoken in LANGUAGES
        ]
        save(
            actor=actor,
            said=TemplateSaid(name, _purpose(), words),
            request=request,
        )


def _purpose() -> str:
    """Give a promotional purpose: messages of packs never pass for part of an order."""
    kept = Purpose.objects.filter(kind=PurposeKind.PROMOTIONAL, retired_at=None).order_by(
        "order", "pk"
    )
    return str(kept.values_list("code", flat=True).first() or "marketing")


def _free_name(name: str) -> str:
    taken = set(Action.objects.filter(name__startswith=name).values_list("name", flat=True))
    names = (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3)))
    return next(one for one in names if one not in taken)
