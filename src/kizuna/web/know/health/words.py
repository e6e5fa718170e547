"""Words that the pages of health share: bands with their moods, groups, kinds, facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.know.alerts.facts import written
from kizuna.web.know.customers.definitions import definitions
from kizuna.web.know.health.models import Override
from kizuna.web.ui.components import Cell
from kizuna.web.ui.templatetags.ui import writer

type Row = dict[str, Any]

MOODS = {"critical": "serious", "watch": "caution", "healthy": "good", "unknown": "unknown"}
BASELINE = "baseline"


def bands() -> dict[str, str]:
    """Name the bands, the worst first; those without a score last."""
    return {
        "critical": _("Critical"),
        "watch": _("To watch"),
        "healthy": _("Healthy"),
        "unknown": _("Not yet known"),
    }


def groups() -> dict[str, str]:
    """Name the groups of facts."""
    return {
        "use": _("Use"),
        "service": _("Service"),
        "relation": _("Relation"),
        "money": _("Money"),
        "sentiment": _("Sentiment"),
    }


def kinds() -> dict[str, str]:
    """Name what leaving means."""
    return {
        "contract": _("With a contract"),
        "purchase": _("Buyers without a contract"),
        "unknown": _("Not yet known"),
    }


def band_of(health: float, kind: str | None, limits: Sequence[Row]) -> str:
    """Name the band of a health, by where the bands of its kind begin."""
    own = [row for row in limits if row["kind"] == (kind or "contract")]
    under = [row["band"] for row in own if row["from_health"] <= health]
    return str(under[-1]) if under else "unknown"


def scored(row: Row, override: Override | None) -> Cell:
    """Write the health that counts: set by hand, beside it what is computed; or that alone."""
    health, band, say = row["health"], row["health_band"], writer()
    if override is not None:
        return Cell(by_hand(override, health), mood="info")
    if health is None:
        return Cell(bands()["unknown"], mood="unknown")
    return Cell(at_renewal(row, f"{say.number(health)} {bands()[band]}"), mood=MOODS[band])


def speaks_of_renewal(row: Row) -> bool:
    """Whether computed health is of the end of terms that bind the customer beyond the horizon."""
    return row.get("health_basis") == "renewal"


def at_renewal(row: Row, said: str) -> str:
    """Add to a health of what it speaks, where that is the renewal."""
    return _("%(health)s (at renewal)") % {"health": said} if speaks_of_renewal(row) else said


def learned(row: Row) -> tuple[float | None, str | None]:
    """Give what was computed of a row of facts, and its band, whatever a person has set."""
    if row.get("health_by_hand"):
        return row.get("health_learned"), row.get("health_learned_band")
    return row.get("health"), row.get("health_band")


def by_hand(override: Override, computed: float | None) -> str:
    """Say that health was set by hand, and what is computed."""
    say = writer()
    shown = {"n": say.number(override.health), "day": say.day(override.until_on)}
    if computed is None:
        return _("%(n)s by hand until %(day)s; not yet computed") % shown
    shown["computed"] = say.number(computed)
    return _("%(n)s by hand until %(day)s; computed: %(computed)s") % shown


def driver(row: Row, currency: str) -> str:
    """Say what a fact is at a customer, and what is usual."""
    if row["fact"] == BASELINE:
        usual = writer().percent(row["usual"]) if row["usual"] is not None else "–"
        shown = {"value": writer().percent(row["value"] or 0.0), "usual": usual}
        return (
            _(
                "the pattern over time alone gives a probability of leaving of %(value)s "
                "(usual: %(usual)s)"
            )
            % shown
        )
    known = definitions()
    label = str(known[row["fact"]].label) if row["fact"] in known else row["fact"]
    named = {"fact": label, "value": written(row["fact"], row["value"], currency)}
    if row["usual"] is None:
        return _("%(fact)s: %(value)s") % named
    named["usual"] = written(row["fact"], row["usual"], currency)
    return _("%(fact)s: %(value)s (usual: %(usual)s)") % named


def signed(points: float) -> str:
    """Write points with their sign."""
    text = writer().number(abs(points))
    if text == writer().number(0):
        return text
    return f"+{text}" if points > 0 else f"−{text}"


def one_url(customer_id: str) -> str:
    """Give the address of a customer's health."""
    return reverse("health:one", query={"id": customer_id})
