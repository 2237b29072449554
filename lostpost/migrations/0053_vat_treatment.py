"""How VAT is charged on commission, as it was booked; what was booked before is S, and stands as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0044_notices"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="salesinvoice",
            name="sales_invoice_once_for_each_period",
        ),
        migrations.RemoveConstraint(
            model_name="salesinvoiceline",
            name="sales_invoice_line_once_for_each_kind",
        ),
        migrations.RemoveConstraint(
            model_name="salesinvoiceline",
            name="sales_invoice_line_vat_category_known",
        ),
        migrations.AddField(
            model_name="orderitem",
            name="commission_vat_category",
            field=models.CharField(blank=True, db_default="", max_length=2),
        ),
        migrations.AddField(
            model_name="sale",
            name="commission_vat_category",
            field=models.CharField(db_default="S", max_length=2),
        ),
        migrations.AddField(
            model_name="sale",
            name="vat_number",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="apart",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="transfer",
            name="vat_category",
            field=models.CharField(blank=True, db_default="", max_length=2),
        ),
        migrations.AddField(
            model_name="writeoffline",
            name="commission_vat_category",
            field=models.CharField(db_default="S", max_length=2),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commission_vat_category", "S"),
                    models.Q(
                        ("commission_vat_category__in", ("S", "AE", "O")),
                        ("commission_vat_minor", 0),
                        ("commission_vat_rate_bp", 0),
                    ),
                    _connector="OR",
                ),
                name="sale_vat_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesinvoice",
            constraint=models.UniqueConstraint(
                fields=("seller", "currency", "period_from_on", "apart"), name="sales_invoice_once_for_each_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="salesinvoiceline",
            constraint=models.UniqueConstraint(
                fields=("seller", "invoice_id", "kind", "vat_category", "vat_rate_bp"),
                name="sales_invoice_line_once_for_each_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesinvoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(("vat_category__in", ["B", "S", "AE", "O"])),
                name="sales_invoice_line_vat_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("vat_category__in", ["", "S"]),
                    models.Q(("vat_category__in", ("S", "AE", "O")), ("vat_rate_bp", 0)),
                    _connector="OR",
                ),
                name="transfer_vat_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="writeoffline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commission_vat_category", "S"),
                    models.Q(
                        ("commission_vat_category__in", ("S", "AE", "O")),
                        ("commission_vat_minor", 0),
                        ("commission_vat_rate_bp", 0),
                    ),
                    _connector="OR",
                ),
                name="write_off_line_vat_category_known",
            ),
        ),
    ]
