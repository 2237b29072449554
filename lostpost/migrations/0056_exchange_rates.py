"""Exchange rates, and the VAT of sales invoices in the marketplace's own currency."""

from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0055_held_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("on", models.DateField()),
                ("per_euro", models.DecimalField(decimal_places=10, max_digits=20)),
                ("source", models.CharField(max_length=200)),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="exchange_rate_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="national_currency",
            field=models.CharField(blank=True, db_default="", max_length=3),
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="national_vat_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="salesinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("exchange_rate", None),
                        ("exchange_rate_on", None),
                        ("national_currency", ""),
                        ("national_vat_minor", None),
                    ),
                    models.Q(
                        ("exchange_rate__gt", 0),
                        ("exchange_rate_on__lte", models.F("issued_on")),
                        ("national_vat_minor__isnull", False),
                        models.Q(("national_currency", ""), _negated=True),
                        models.Q(("national_currency", models.F("currency")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="sales_invoice_national_vat_has_its_rate",
            ),
        ),
        migrations.AddIndex(
            model_name="exchangerate",
            index=models.Index(fields=["currency", "-on", "-recorded_at"], name="exchange_rate_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(condition=models.Q(("per_euro__gt", 0)), name="exchange_rate_positive"),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="exchange_rate_currency_iso_4217"
            ),
        ),
    ]
