"""The mirror of `customer_facts` in the application's database: for lists, filters and search."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

FILTERED = [
    "rfm_segment",
    "residual_clv",
    "customer_id",
    "p_alive",
    "value_at_risk",
    "historical_value",
    "orders",
    "frequency",
    "first_purchase",
    "last_purchase",
    "channel",
    "region",
    "kind",
    "mrr",
    "days_to_renewal",
    "churn_probability",
    "health",
    "days_since_use",
    "days_since_contact",
    "nps",
    "cases_open",
    "failed_payments_90d",
]


class CustomerFact(models.Model):
    """One customer as the latest publication knows it; money in minor units, as in the table.

    `folded` is what search looks in; `fingerprint` tells rows that have changed. Facts of purchases
    are empty for a customer who is known by name only.
    """

    customer_id = models.TextField(primary_key=True)
    folded = models.TextField()
    name_key = models.TextField(null=True)  # the reading, or else the name, as it is sorted
    fingerprint = models.BigIntegerField()
    name = models.TextField(null=True)
    name_kana = models.TextField(null=True)
    kind = models.TextField(null=True)
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    region = models.TextField(null=True)
    channel = models.TextField(null=True)
    acquired_on = models.DateField(null=True)
    parent_id = models.TextField(null=True)
    owner_email = models.TextField(null=True)
    first_purchase = models.DateField(null=True)
    last_purchase = models.DateField(null=True)
    cohort = models.DateField(null=True)
    frequency = models.BigIntegerField(null=True)
    recency = models.FloatField(null=True)
    age = models.FloatField(null=True)
    orders = models.BigIntegerField(null=True)
    mean_spend = models.FloatField(null=True)
    historical_value = models.BigIntegerField(null=True)
    recency_score = models.IntegerField(null=True)
    frequency_score = models.IntegerField(null=True)
    monetary_score = models.IntegerField(null=True)
    rfm_segment = models.TextField(null=True)
    p_alive = models.FloatField(null=True)
    expected_purchases = models.FloatField(null=True)
    expected_purchases_low = models.FloatField(null=True)
    expected_purchases_high = models.FloatField(null=True)
    expected_spend = models.FloatField(null=True)
    residual_clv = models.FloatField(null=True)
    residual_clv_low = models.FloatField(null=True)
    residual_clv_high = models.FloatField(null=True)
    value_at_risk = models.FloatField(null=True)
    mrr = models.BigIntegerField(null=True)
    mrr_change_365d = models.FloatField(null=True)
    contracts = models.BigIntegerField(null=True)
    days_to_renewal = models.IntegerField(null=True)
    days_to_notice = models.IntegerField(null=True)
    days_since_purchase = models.IntegerField(null=True)
    orders_change_90d = models.FloatField(null=True)
    active_days_28d = models.BigIntegerField(null=True)
    active_days_change = models.FloatField(null=True)
    days_since_use = models.IntegerField(null=True)
    days_since_contact = models.IntegerField(null=True)
    nps = models.FloatField(null=True)
    cases_open = models.BigIntegerField(null=True)
    failed_payments_90d = models.BigIntegerField(null=True)
    churn_probability = models.FloatField(null=True)
    health = models.FloatField(null=True)
    health_learned = models.FloatField(null=True)
    health_learned_band = models.TextField(null=True)
    health_by_hand = models.BooleanField(null=True)
    health_band = models.TextField(null=True)
    health_basis = models.TextField(null=True)
    health_days = models.IntegerField(null=True)
    persona = models.TextField(null=True)

    class Meta:
        """Every order of the list has its index; the customer's id breaks ties."""

        indexes: ClassVar = [
            # holds all that a search looks through, so that no row is fetched for it
            models.Index(fields=["folded", "customer_id"], name="customer_by_name"),
            models.Index(fields=["residual_clv", "customer_id"], name="customer_by_value"),
            models.Index(fields=["value_at_risk", "customer_id"], name="customer_by_risk"),
            models.Index(fields=["historical_value", "customer_id"], name="customer_by_history"),
            models.Index(fields=["p_alive", "customer_id"], name="customer_by_life"),
            models.Index(fields=["last_purchase", "customer_id"], name="customer_by_last"),
            models.Index(fields=["frequency", "customer_id"], name="customer_by_frequency"),
            models.Index(fields=["orders", "customer_id"], name="customer_by_orders"),
            models.Index(fields=["first_purchase", "customer_id"], name="customer_by_first"),
            models.Index(fields=["name_key", "customer_id"], name="customer_by_reading"),
            models.Index(fields=["parent_id", "customer_id"], name="customer_by_parent"),
            models.Index(fields=["owner_email", "customer_id"], name="customer_by_owner"),
            models.Index(fields=["email", "customer_id"], name="customer_by_email"),
            models.Index(fields=["mrr", "customer_id"], name="customer_by_mrr"),
            models.Index(fields=["days_to_renewal", "customer_id"], name="customer_by_renewal"),
            models.Index(fields=["churn_probability", "customer_id"], name="customer_by_churn"),
            models.Index(fields=["health", "customer_id"], name="customer_by_health"),
            models.Index(fields=["days_since_use", "customer_id"], name="customer_by_use"),
            # holds all that filters and orders look at: what no other index answers in time
            # is found by reading this one from end to end, and no row is fetched for it
            models.Index(fields=FILTERED, name="customer_by_filters"),
            # those who turned up since the last publication
            models.Index(
                fields=["customer_id"],
                condition=models.Q(fingerprint=0),
                name="customer_unpublished",
            ),
        ]

    def __str__(self) -> str:
        return self.customer_id


class Shelf(models.Model):
    """Which file of columns goes with the mirror as it is now; there is one row, or none."""

    stamp = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.stamp)
