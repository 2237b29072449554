"""A credit that is open is set off with an invoice on which the seller owes, as debts are."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0050_found_cases_of_all"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="salesinvoice",
            name="sales_invoice_adds_up",
        ),
        migrations.RemoveConstraint(
            model_name="salesinvoice",
            name="sales_invoice_state_has_its_evidence",
        ),
        migrations.AddConstraint(
            model_name="salesinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "payable_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("total_minor"), "+", models.F("carried_minor")
                        ),
                    ),
                    (
                        "total_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_minor"), "+", models.F("vat_minor")
                        ),
                    ),
                ),
                name="sales_invoice_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("carried_to_id", None),
                        ("paid_at", None),
                        ("state", "issued"),
                        models.Q(("payable_minor", 0), _negated=True),
                    ),
                    models.Q(
                        ("carried_to_id", None),
                        ("paid_at__isnull", False),
                        ("state", "paid"),
                        models.Q(("payable_minor", 0), _negated=True),
                        models.Q(("reference", ""), _negated=True),
                    ),
                    models.Q(
                        ("carried_to_id__isnull", False),
                        ("paid_at", None),
                        ("state", "carried"),
                        models.Q(("payable_minor", 0), _negated=True),
                    ),
                    models.Q(("carried_to_id", None), ("paid_at", None), ("payable_minor", 0), ("state", "settled")),
                    _connector="OR",
                ),
                name="sales_invoice_state_has_its_evidence",
            ),
        ),
    ]
