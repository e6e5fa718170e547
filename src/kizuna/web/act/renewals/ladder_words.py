"""Ladders in words: names, for which contracts they are, on which a renewal is, and why."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.act.renewals.models import Ladder, Renewal
from kizuna.web.ui.components import Tab
from kizuna.web.ui.templatetags.ui import writer


def ladder_name(found: Ladder) -> str:
    """Name a ladder."""
    return found.name or _("All other contracts")


def ladder_tabs(there: Sequence[tuple[Ladder, int]], current: Ladder) -> list[Tab]:
    """Offer the ladders in the order in which they are asked; of one alone nothing is chosen."""
    if len(there) < 2:
        return []
    return [
        Tab(
            _("%(name)s (%(n)s)") % {"name": ladder_name(one), "n": writer().number(many)},
            reverse("renewals:ladder", query={"ladder": str(one.pk)}),
            one.pk == current.pk,
        )
        for one, many in there
    ]


def for_whom(found: Ladder) -> str:
    """Say for which contracts a ladder is."""
    products = ", ".join(line for line in found.products.splitlines() if line)
    named = {"products": products, "segment": found.segment.name if found.segment else ""}
    if products and found.segment:
        return _("product %(products)s, and the customer is in %(segment)s") % named
    if products:
        return _("product %(products)s") % named
    if found.segment:
        return _("the customer is in %(segment)s") % named
    return _("no other ladder is for it")


def ladder_of(renewal: Renewal) -> tuple[str, str]:
    """Name the ladder of a renewal, and say why it is on it; empty: on none yet."""
    found = renewal.ladder
    return (ladder_name(found), for_whom(found)) if found is not None else ("", "")
