"""Stages as they are called, their versions, and how many would be in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from kizuna.web.know.customers.definitions import WORDS
from kizuna.web.know.segments.models import StageList
from kizuna.web.know.segments.stages import Row, in_force, keyed, newest
from kizuna.web.ui.components import Column, Table
from kizuna.web.ui.templatetags.ui import moment, writer


def preset_names() -> dict[str, str]:
    """Name the stages of the preset, in their order."""
    return {key: str(word) for key, word in WORDS["lifecycle_stage"].items()}


def stage_names() -> dict[str, str]:
    """Name the stages that count, in their order; then those of the preset that do not."""
    kept, at = newest(), 0 if (get_language() or "").startswith("ja") else 1
    known = labels(kept)
    own = {one.name: known[one.name][at] for one in in_force(kept)}
    return own | {key: word for key, word in preset_names().items() if key not in own}


def labels(kept: StageList | None) -> dict[str, tuple[str, str]]:
    """Name each stage that counts in Japanese and English."""
    if kept and kept.stages:
        return {row["stage"]: (row["label_ja"], row["label_en"]) for row in kept.stages}
    with override("ja"):
        ja = preset_names()
    with override("en"):
        en = preset_names()
    return {key: (ja[key], en[key]) for key in en}


def versions(found: Sequence[StageList]) -> Table | None:
    """List who set the stages and when; None where nobody did."""
    rows: list[list[Any]] = [
        [
            str(one.number),
            ", ".join(row["label_en"] for row in one.stages) or _("The preset"),
            one.by.name if one.by else "–",
            moment(one.at),
        ]
        for one in found
    ]
    heads = [Column(_("Version")), Column(_("Stages")), Column(_("By")), Column(_("When"))]
    return Table(_("Versions"), heads, rows) if rows else None


def preview(tried: Sequence[Row], found: dict[str | None, Row] | None) -> Table | None:
    """Say how many customers would be in each stage; None where nobody is known yet."""
    if found is None:
        return None
    say, at = writer(), "label_ja" if (get_language() or "").startswith("ja") else "label_en"
    named = [(row["stage"], row[at]) for row in keyed(tried)]
    rows = [
        [name, *(say.number(found.get(key, {}).get(n, 0)) for n in ("customers", "stuck"))]
        for key, name in [*named, (None, _("In no stage"))]
    ]
    heads = [Column(_("Stage")), Column(_("Customers"), True), Column(_("Stuck"), True)]
    return Table(_("How many customers would be in each stage now"), heads, rows)
