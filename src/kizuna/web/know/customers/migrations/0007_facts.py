"""Facts of the last days, to filter and sort by; the next publication writes them."""

from django.db import migrations, models

WHOLE = ["mrr", "contracts", "active_days_28d", "cases_open", "failed_payments_90d"]
DAYS = [
    "days_to_renewal",
    "days_to_notice",
    "days_since_purchase",
    "days_since_use",
    "days_since_contact",
]
NUMBERS = [
    "mrr_change_365d",
    "orders_change_90d",
    "active_days_change",
    "nps",
    "churn_probability",
    "health",
]
FIELDS = [
    *((name, models.BigIntegerField(null=True)) for name in WHOLE),
    *((name, models.IntegerField(null=True)) for name in DAYS),
    *((name, models.FloatField(null=True)) for name in NUMBERS),
    ("health_band", models.TextField(null=True)),
]
INDEXES = [
    ("email", "customer_by_email"),
    ("mrr", "customer_by_mrr"),
    ("days_to_renewal", "customer_by_renewal"),
    ("churn_probability", "customer_by_churn"),
    ("health", "customer_by_health"),
    ("days_since_use", "customer_by_use"),
]
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


class Migration(migrations.Migration):
    """Adds the columns, an index for each that the list is sorted by, and one of addresses."""

    dependencies = [("customers", "0006_unpublished")]

    operations = [
        migrations.RemoveIndex("customerfact", "customer_by_filters"),
        *(migrations.AddField("customerfact", name, field) for name, field in FIELDS),
        *(
            migrations.AddIndex(
                "customerfact", models.Index(fields=[name, "customer_id"], name=index)
            )
            for name, index in INDEXES
        ),
        migrations.AddIndex(
            "customerfact", models.Index(fields=FILTERED, name="customer_by_filters")
        ),
    ]
