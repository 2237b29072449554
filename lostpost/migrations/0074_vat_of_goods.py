"""When and where credited goods went, and the VAT category of each line of a credit note."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0071_holiday_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditnote",
            name="delivered_to",
            field=models.CharField(db_default="", default="", max_length=2),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="supplied_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="creditnoteline",
            name="vat_category",
            field=models.CharField(db_default="", default="", max_length=2),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("vat_category", ""),
                    models.Q(("vat_category", "S"), ("vat_rate_bp__gt", 0)),
                    models.Q(
                        ("vat_category__in", ("Z", "E", "AE", "K", "G", "O")), ("vat_minor", 0), ("vat_rate_bp", 0)
                    ),
                    _connector="OR",
                ),
                name="credit_note_line_vat_as_its_category",
            ),
        ),
    ]
