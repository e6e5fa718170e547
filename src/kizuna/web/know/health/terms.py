"""The terms in force and their versions: bands and scorecard as people set them, or the usual."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.experience.scorecard import Card
from kizuna.pipeline.know.health_bands import BY_KIND
from kizuna.pipeline.know.scorecards import USUAL
from kizuna.web.know.health.models import Bands, Scorecard
from kizuna.web.know.health.words import kinds
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import moment, writer

SHOWN = 10


def limits() -> dict[str, tuple[float, ...]]:
    """Give where bands begin, by kind."""
    latest = Bands.objects.order_by("-pk").first()
    own = latest.limits if latest else {}
    return {kind: tuple(own.get(kind, usual)) for kind, usual in BY_KIND.items()}


def card(version: str) -> Card:
    """Give a version of the scorecard; the newest, where none or none that is known is asked."""
    own = Scorecard.objects.order_by("-version")
    if version == "1":
        return USUAL
    asked = own.filter(version=int(version)).first() if version.isdecimal() else None
    found = asked or own.first()
    return Card.from_plain(found.card) if found else USUAL


def bands_versions() -> Table:
    """List the latest versions of the bands."""
    found = Bands.objects.select_related("set_by").order_by("-pk")[:SHOWN]
    columns = [Column(_("Set")), Column(_("By")), *(Column(name) for name in _names())]
    rows: list[list[str | Cell]] = [
        [moment(one.set_at), one.set_by.name, *map(_starts, one.limits.values())] for one in found
    ]
    rows.append([_("usual"), "–", *map(_starts, BY_KIND.values())])
    return Table(_("Versions"), columns, rows)


def card_versions() -> Table:
    """List the latest versions of the scorecard; a number opens one to be used again."""
    found = Scorecard.objects.select_related("set_by").order_by("-version")[:SHOWN]
    columns = [Column(_("Version")), Column(_("Set")), Column(_("By"))]
    rows: list[list[str | Cell]] = [
        [_version(one.version), moment(one.set_at), one.set_by.name] for one in found
    ]
    rows.append([_version(1), _("usual"), "–"])
    return Table(_("Versions"), columns, rows)


def _version(number: int) -> Cell:
    url = reverse("health:scorecard", query={"version": str(number)})
    return Cell(writer().number(number), url=url)


def _names() -> list[str]:
    return [kinds()[kind] for kind in BY_KIND]


def _starts(starts: Sequence[float]) -> str:
    return " / ".join(writer().number(start) for start in starts)
