"""VAT in the marketplace's own currency is 0 where none is named, as all amounts have a number."""

from django.db import migrations, models
from django.db.models import F, Q

NAME = "sales_invoice_national_vat_has_its_rate"


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0056_exchange_rates"),
    ]

    operations = [
        migrations.RemoveConstraint("salesinvoice", NAME),
        migrations.RunSQL(
            "UPDATE lostpost_salesinvoice SET national_vat_minor = 0 WHERE national_vat_minor IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField("salesinvoice", "national_vat_minor", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddConstraint(
            "salesinvoice",
            models.CheckConstraint(
                condition=Q(national_currency="", national_vat_minor=0, exchange_rate=None, exchange_rate_on=None)
                | Q(exchange_rate__gt=0, exchange_rate_on__lte=F("issued_on"))
                & ~Q(national_currency="")
                & ~Q(national_currency=F("currency")),
                name=NAME,
            ),
        ),
    ]
