"""What each fact is called, which way is good, what it is made of, and what tells how fresh it is.

Meaning and unit stand in the contracts of the tables, words beside them here. A fact that another
part adds is listed by the name of its column until it is given words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.contracts import Column
from kizuna.pipeline.fact_tables import GRAIN, facts_of, results, topics
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.customers.columns import COLUMNS

type Label = str | Promise

HIGH_IS_GOOD, LOW_IS_GOOD, NEITHER = "high", "low", ""
DIRECTIONS: Mapping[str, Label] = {
    HIGH_IS_GOOD: _("high is good"),
    LOW_IS_GOOD: _("low is good"),
}
GROUPS: Mapping[str, Label] = {
    "valued_customers": _("Who she is and her value"),
    "purchase_facts": _("Purchases of late"),
    "contract_facts": _("Contracts"),
    "use_facts": _("Use"),
    "survey_facts": _("Answers to surveys"),
    "payment_facts": _("Payments"),
    "relation_facts": _("Relation"),
    "service_facts": _("Service"),
    "churn_scores": _("Risk of leaving"),
    "effective_health": _("Health that counts"),
    "health_scores": _("Health, what it is made of"),
    "personas": _("Persona"),
    "lifecycle_stages": _("Stage"),
    "cost_to_serve": _("Cost to serve"),
}
"""Topics in the order in which they are shown; named by their table."""
SOURCES: Mapping[str, tuple[str, ...]] = {
    "valued_customers": ("transactions", "customers"),
    "purchase_facts": ("transactions",),
    "contract_facts": ("contracts", "contract_changes", "events"),
    "use_facts": ("events",),
    "survey_facts": ("responses",),
    "payment_facts": ("events",),
    "relation_facts": ("interactions", "contacts"),
    "service_facts": ("interactions",),
}
FRESH: Mapping[str, str] = {
    "valued_customers": "last_purchase",
    "purchase_facts": "newest_purchase_on",
    "contract_facts": "newest_contract_on",
    "use_facts": "newest_use_on",
    "survey_facts": "newest_answer_on",
    "payment_facts": "newest_payment_on",
    "relation_facts": "newest_contact_on",
    "service_facts": "newest_service_on",
}
"""Topic → the fact that says of which day its newest row is."""
LABELS: Mapping[str, tuple[Label, str]] = {
    "orders_90d": (_("Orders, 90 days"), HIGH_IS_GOOD),
    "orders_change_90d": (_("Orders against 90 days before"), HIGH_IS_GOOD),
    "spend_90d": (_("Spend, 90 days"), HIGH_IS_GOOD),
    "spend_change_90d": (_("Spend against 90 days before"), HIGH_IS_GOOD),
    "days_since_purchase": (_("Days since purchase"), LOW_IS_GOOD),
    "usual_gap_days": (_("Usual days between purchases"), LOW_IS_GOOD),
    "returns_365d": (_("Days with returns, a year"), LOW_IS_GOOD),
    "newest_purchase_on": (_("Newest purchase"), NEITHER),
    "mrr": (_("MRR"), HIGH_IS_GOOD),
    "contracts": (_("Running contracts"), HIGH_IS_GOOD),
    "seats": (_("Seats paid for"), HIGH_IS_GOOD),
    "seats_used": (_("Seats used"), HIGH_IS_GOOD),
    "days_to_renewal": (_("Days to renewal"), NEITHER),
    "days_to_notice": (_("Days to notice"), NEITHER),
    "days_bound": (_("Days until the contract can end"), NEITHER),
    "mrr_change_365d": (_("MRR against a year ago"), HIGH_IS_GOOD),
    "contract_tenure_days": (_("Days under contract"), HIGH_IS_GOOD),
    "auto_renew": (_("Renews by itself"), HIGH_IS_GOOD),
    "newest_contract_on": (_("Newest terms"), NEITHER),
    "active_days_28d": (_("Active days of 28"), HIGH_IS_GOOD),
    "active_days_usual": (_("Usual active days of 28"), HIGH_IS_GOOD),
    "active_days_change": (_("Use against own mean"), HIGH_IS_GOOD),
    "breadth_28d": (_("Kinds of events, 28 days"), HIGH_IS_GOOD),
    "depth_28d": (_("Events per active day"), HIGH_IS_GOOD),
    "days_since_use": (_("Days since use"), LOW_IS_GOOD),
    "users_28d": (_("People who used it, 28 days"), HIGH_IS_GOOD),
    "newest_use_on": (_("Newest event"), NEITHER),
    "nps": (_("Recommendation (0–10)"), HIGH_IS_GOOD),
    "nps_days_ago": (_("Days since that answer"), NEITHER),
    "csat": (_("Satisfaction (0–100)"), HIGH_IS_GOOD),
    "ces": (_("Ease by survey (0–100, high = easy)"), HIGH_IS_GOOD),
    "answers_365d": (_("Answers, a year"), NEITHER),
    "comments_365d": (_("Comments, a year"), NEITHER),
    "newest_answer_on": (_("Newest answer"), NEITHER),
    "failed_payments_90d": (_("Failed payments, 90 days"), LOW_IS_GOOD),
    "failed_payments_open": (_("Failed payments not made good"), LOW_IS_GOOD),
    "newest_payment_on": (_("Newest payment"), NEITHER),
    "contacts_known": (_("People known"), HIGH_IS_GOOD),
    "sponsors_known": (_("Sponsors known"), HIGH_IS_GOOD),
    "decision_makers_known": (_("Decision makers known"), HIGH_IS_GOOD),
    "days_since_contact": (_("Days since contact"), LOW_IS_GOOD),
    "newest_contact_on": (_("Newest contact"), NEITHER),
    "newest_service_on": (_("Newest contact with the service"), NEITHER),
    "cases_open": (_("Open cases"), LOW_IS_GOOD),
    "cases_90d": (_("Cases, 90 days"), LOW_IS_GOOD),
    "contacts_90d": (_("Contacts, 90 days"), NEITHER),
    "first_response_hours_90d": (_("Hours to first response, 90 days"), LOW_IS_GOOD),
    "resolution_hours_90d": (_("Hours to resolution, 90 days"), LOW_IS_GOOD),
    "reopened_90d": (_("Reopened, 90 days"), LOW_IS_GOOD),
    "effort_90d": (_("Effort from behaviour (0–100, high = hard)"), LOW_IS_GOOD),
    "hard_issues_90d": (_("Hard issues, 90 days"), LOW_IS_GOOD),
    "service_minutes_365d": (_("Minutes of service, a year"), LOW_IS_GOOD),
    "cost_to_serve_365d": (_("Cost to serve, a year"), LOW_IS_GOOD),
    "value_net_of_service": (_("Value to come less serving"), HIGH_IS_GOOD),
    "value_net_of_service_low": (_("Value to come less serving, low"), HIGH_IS_GOOD),
    "value_net_of_service_high": (_("Value to come less serving, high"), HIGH_IS_GOOD),
    "cost_to_serve_to_date": (_("Cost to serve so far"), LOW_IS_GOOD),
    "ltv_net_of_service": (_("LTV less cost to serve"), HIGH_IS_GOOD),
    "ltv_net_of_service_low": (_("LTV less cost to serve, low"), HIGH_IS_GOOD),
    "ltv_net_of_service_high": (_("LTV less cost to serve, high"), HIGH_IS_GOOD),
    "churn_probability": (_("Probability of leaving"), LOW_IS_GOOD),
    "churn_low": (_("Probability of leaving, low"), LOW_IS_GOOD),
    "churn_high": (_("Probability of leaving, high"), LOW_IS_GOOD),
    "health": (_("Health (100 = healthy)"), HIGH_IS_GOOD),
    "parent_id": (_("Belongs to the customer"), NEITHER),
    "owner_email": (_("Mail address of the owner"), NEITHER),
    "recency": (_("Age at the last purchase"), NEITHER),
    "age": (_("Age since the first purchase"), NEITHER),
    "churn_horizon_days": (_("Days looked ahead"), NEITHER),
    "churn_kind": (_("What leaving means"), NEITHER),
    "churn_model": (_("Told by"), NEITHER),
    "health_band": (_("Band of health"), NEITHER),
    "health_basis": (_("What health speaks of"), NEITHER),
    "health_days": (_("Days that health looks ahead"), NEITHER),
    "health_low": (_("Health at renewal, low"), NEITHER),
    "health_high": (_("Health at renewal, high"), NEITHER),
    "health_learned": (_("Health as learned (100 = healthy)"), HIGH_IS_GOOD),
    "health_learned_band": (_("Band of the learned health"), NEITHER),
    "health_by_hand": (_("Health set by hand"), NEITHER),
    "health_by_hand_until": (_("Health set by hand until"), NEITHER),
    "health_usual": (_("Usual health"), NEITHER),
    "health_use": (_("Health: points of use"), HIGH_IS_GOOD),
    "health_service": (_("Health: points of service"), HIGH_IS_GOOD),
    "health_relation": (_("Health: points of relation"), HIGH_IS_GOOD),
    "health_money": (_("Health: points of money"), HIGH_IS_GOOD),
    "health_sentiment": (_("Health: points of sentiment"), HIGH_IS_GOOD),
    "health_known": (_("Groups with data"), HIGH_IS_GOOD),
    "scorecard": (_("Scorecard"), HIGH_IS_GOOD),
    "scorecard_version": (_("Version of the scorecard"), NEITHER),
    "persona": (_("Persona"), NEITHER),
    "persona_probability": (_("Probability of this persona"), NEITHER),
    "lifecycle_stage": (_("Stage"), NEITHER),
    "stage_days": (_("Days in the stage"), NEITHER),
    "stage_expected_days": (_("Days expected in the stage"), NEITHER),
    "stage_stuck": (_("Stuck in the stage"), LOW_IS_GOOD),
}
SOURCE_NAMES: Mapping[str, Label] = {
    "transactions": _("Orders"),
    "customers": _("Customers"),
    "contracts": _("Contracts"),
    "contract_changes": _("Changes of contracts"),
    "events": _("Events"),
    "responses": _("Answers to surveys"),
    "interactions": _("Contacts with the service"),
    "contacts": _("People at the customer"),
}
"""What each table that was brought in holds."""
WORDS: Mapping[str, Mapping[str, Label]] = {
    "churn_kind": {
        "contract": _("The contract ends"),
        "purchase": _("No more purchases"),
    },
    "churn_model": {
        "learner": _("What former customers did"),
        "baseline": _("The pattern over time"),
        "rate": _("One rate for everybody"),
        "notice": _("Notice that was given"),
    },
    "health_band": {
        "critical": _("Critical"),
        "watch": _("To be watched"),
        "healthy": _("Healthy"),
    },
    "health_basis": {
        "horizon": _("Leaving within the horizon"),
        "renewal": _("Renewal when the term ends"),
    },
    "health_learned_band": {
        "critical": _("Critical"),
        "watch": _("To be watched"),
        "healthy": _("Healthy"),
    },
    "lifecycle_stage": {
        "prospect": _("Prospect"),
        "left": _("Left"),
        "renewing": _("Before renewal"),
        "new": _("New"),
        "lapsing": _("Falling away"),
        "growing": _("Growing"),
        "steady": _("Steady"),
    },
}
"""Values of facts that are keys, in words."""


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A fact: its column with type, unit and meaning; its words; where it comes from."""

    column: Column
    label: Label
    group: str
    direction: str

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def direction_said(self) -> Label:
        """Say which way is good; nothing where neither is."""
        return DIRECTIONS.get(self.direction, "")

    def worded(self, value: object) -> str:
        """Say a value that is a key; nothing where it is none."""
        return str(WORDS.get(self.name, {}).get(str(value), ""))

    @property
    def sources(self) -> tuple[str, ...]:
        """Tables that were brought in of which it is made."""
        return SOURCES.get(self.group, ())

    @property
    def freshness(self) -> str:
        """Name the fact that tells the day of the newest row that was read; '' where none does."""
        return FRESH.get(self.group, "")


@cache
def definitions() -> Mapping[str, FactDefinition]:
    """Give every fact of `customer_facts` but the customer's id, in the order of the table."""
    valued = TABLES["valued_customers"]
    found = [(valued.name, column) for column in valued.columns if column.name not in GRAIN]
    taken = valued.column_names
    found += facts_of((*topics(TABLES), *results(TABLES)), taken)
    return {column.name: _definition(column, group) for group, column in found}


def _definition(column: Column, group: str) -> FactDefinition:
    known = COLUMNS.get(column.name)
    label, direction = LABELS.get(
        column.name, (known.label if known else column.name.replace("_", " "), NEITHER)
    )
    return FactDefinition(column, label, group, direction)
