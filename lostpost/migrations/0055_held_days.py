"""Which days a sales invoice holds, and until when a debt is to be paid; those of before hold what they said they do."""

from django.db import migrations, models
from django.db.models import F, Q

FILL = "UPDATE lostpost_salesinvoice SET held_from_on = period_from_on, held_to_on = period_to_on"


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0054_vat_number_checks"),
    ]

    operations = [
        migrations.AddField("salesinvoice", "held_from_on", models.DateField(null=True)),
        migrations.AddField("salesinvoice", "held_to_on", models.DateField(null=True)),
        migrations.AddField("salesinvoice", "due_on", models.DateField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("salesinvoice", "held_from_on", models.DateField()),
        migrations.AlterField("salesinvoice", "held_to_on", models.DateField()),
        migrations.AddConstraint(
            "salesinvoice",
            models.CheckConstraint(
                condition=Q(held_to_on__gte=F("held_from_on")), name="sales_invoice_held_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            "salesinvoice",
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gte=F("issued_on"), payable_minor__gt=0),
                name="sales_invoice_due_only_of_a_debt",
            ),
        ),
    ]
