"""The file of columns that goes with the mirror, and who turned up since it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the name of the file, and an index of customers whom no publication has written."""

    dependencies = [("customers", "0005_value_at_risk")]

    operations = [
        migrations.CreateModel(
            "Shelf",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stamp", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            "customerfact",
            models.Index(
                fields=["customer_id"],
                condition=models.Q(fingerprint=0),
                name="customer_unpublished",
            ),
        ),
    ]
