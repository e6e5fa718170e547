"""What is at risk, as a fact to sort by; the next publication writes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column and its index, and puts it into the index that holds all filters."""

    dependencies = [("customers", "0004_indexes")]

    operations = [
        migrations.RemoveIndex("customerfact", "customer_by_filters"),
        migrations.AddField("customerfact", "value_at_risk", models.FloatField(null=True)),
        migrations.AddIndex(
            "customerfact",
            models.Index(fields=["value_at_risk", "customer_id"], name="customer_by_risk"),
        ),
        migrations.AddIndex(
            "customerfact",
            models.Index(
                fields=[
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
                ],
                name="customer_by_filters",
            ),
        ),
    ]
