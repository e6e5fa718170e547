"""Columns of the list and of its export: which fact, how it is written, how it is sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.parameters import minor_units
from kizuna.report.language import Language
from kizuna.report.names import segment_name
from kizuna.web.know.journey.names import persona_names

type Kind = Literal[
    "text",
    "segment",
    "persona",
    "kind",
    "money",
    "share",
    "number",
    "decimal",
    "day",
    "month",
    "change",
]

KINDS = {"person": _("Person"), "company": _("Company")}


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact that the list can show."""

    name: str
    label: str | Promise
    kind: Kind
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def number(self) -> bool:
        """Whether it is set to the right."""
        return self.kind in {"money", "share", "number", "decimal", "change"}

    def written(self, value: Any, say: Language) -> str:
        """Write a value for people; money comes in minor units."""
        if value is None:
            return "–"
        if self.kind == "money":
            return say.money(value / minor_units(say.currency or "XXX"))
        writers = {
            "segment": lambda: segment_name(say, value),
            "persona": lambda: self.names.get(value, str(value)),
            "share": lambda: say.small_percent(value),
            "change": lambda: f"{'+' if value > 0 else ''}{say.percent(value)}",
            "number": lambda: say.number(value),
            "decimal": lambda: say.number(round(value, 1) + 0.0, 1),
            "day": lambda: say.day(value),
            "month": lambda: say.month(value),
            "kind": lambda: str(KINDS.get(value, value)),
        }
        return writers.get(self.kind, lambda: str(value))()

    def raw(self, value: Any, currency: str) -> Any:
        """Write a value for machines; money in units of the currency."""
        if value is None or self.kind != "money":
            return value
        return round(value / minor_units(currency), 4)


COLUMNS: dict[str, FactColumn] = {
    column.name: column
    for column in (
        FactColumn("customer_id", _("Customer"), "text"),
        FactColumn("name", _("Name"), "text"),
        FactColumn("name_kana", _("Reading of the name"), "text"),
        FactColumn("kind", _("Kind"), "kind"),
        FactColumn("email", _("E-mail address"), "text"),
        FactColumn("phone", _("Phone"), "text"),
        FactColumn("region", _("Region"), "text"),
        FactColumn("channel", _("Acquired by"), "text"),
        FactColumn("acquired_on", _("Acquired on"), "day"),
        FactColumn("cohort", _("Month of the first purchase"), "month"),
        FactColumn("rfm_segment", _("Segment"), "segment"),
        FactColumn("persona", _("Persona"), "persona"),
        FactColumn("residual_clv", _("Value to come"), "money"),
        FactColumn("residual_clv_low", _("Value to come, low"), "money"),
        FactColumn("residual_clv_high", _("Value to come, high"), "money"),
        FactColumn("value_at_risk", _("Value at risk of purchases"), "money"),
        FactColumn("p_alive", _("Still a customer"), "share"),
        FactColumn("expected_purchases", _("Purchases expected"), "decimal"),
        FactColumn("expected_purchases_low", _("Purchases expected, low"), "decimal"),
        FactColumn("expected_purchases_high", _("Purchases expected, high"), "decimal"),
        FactColumn("historical_value", _("Value so far"), "money"),
        FactColumn("orders", _("Orders"), "number"),
        FactColumn("frequency", _("Repeat purchases"), "number"),
        FactColumn("mean_spend", _("Mean repeat purchase"), "money"),
        FactColumn("expected_spend", _("Expected purchase amount"), "money"),
        FactColumn("first_purchase", _("First purchase"), "day"),
        FactColumn("last_purchase", _("Last purchase"), "day"),
        FactColumn("recency_score", _("Recency score"), "number"),
        FactColumn("frequency_score", _("Frequency score"), "number"),
        FactColumn("monetary_score", _("Monetary score"), "number"),
        FactColumn("mrr", _("MRR"), "money"),
        FactColumn("mrr_change_365d", _("MRR against a year ago"), "change"),
        FactColumn("contracts", _("Running contracts"), "number"),
        FactColumn("days_to_renewal", _("Days to renewal"), "number"),
        FactColumn("days_to_notice", _("Days to notice"), "number"),
        FactColumn("churn_probability", _("Probability of leaving"), "share"),
        FactColumn("health", _("Health (100 = healthy)"), "number"),
        FactColumn("days_since_purchase", _("Days since purchase"), "number"),
        FactColumn("orders_change_90d", _("Orders against 90 days before"), "change"),
        FactColumn("active_days_28d", _("Active days of 28"), "number"),
        FactColumn("active_days_change", _("Use against own mean"), "change"),
        FactColumn("days_since_use", _("Days since use"), "number"),
        FactColumn("days_since_contact", _("Days since contact"), "number"),
        FactColumn("nps", _("Recommendation (0–10)"), "decimal"),
        FactColumn("cases_open", _("Open cases"), "number"),
        FactColumn("failed_payments_90d", _("Failed payments, 90 days"), "number"),
    )
}
SHOWN = (
    "rfm_segment",
    "residual_clv",
    "value_at_risk",
    "p_alive",
    "historical_value",
    "orders",
    "last_purchase",
)
SORTED = (
    "residual_clv",
    "value_at_risk",
    "historical_value",
    "p_alive",
    "last_purchase",
    "frequency",
    "orders",
    "first_purchase",
    "mrr",
    "days_to_renewal",
    "churn_probability",
    "health",
    "days_since_use",
    "cohort",
    "name",
    "customer_id",
)
SORTED_BY = {"name": "name_key", "cohort": "first_purchase"}
"""Columns that are sorted by another: a name by its reading, a month by its days."""


def chosen(names: Sequence[str]) -> list[FactColumn]:
    """Give the columns to show: the customer first, then those asked for, or the usual ones."""
    wanted = [name for name in COLUMNS if name in (names or SHOWN) and name != "customer_id"]
    return [COLUMNS["customer_id"], *map(_named, wanted)]


def _named(name: str) -> FactColumn:
    """Give a column with what its values are called, where people name them."""
    column = COLUMNS[name]
    return replace(column, names=persona_names()) if column.kind == "persona" else column
