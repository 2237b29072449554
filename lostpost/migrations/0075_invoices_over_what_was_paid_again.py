"""Invoices over what customers paid again, which take credit notes back; one series of numbers more."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0074_vat_of_goods"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="creditnote",
            name="credit_note_for_one_decision",
        ),
        migrations.RemoveConstraint(
            model_name="documentcounter",
            name="document_series_known",
        ),
        migrations.AddField(
            model_name="creditnote",
            name="amends_number",
            field=models.CharField(db_default="", default="", max_length=90),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="restoration",
            field=models.ForeignObject(
                from_fields=("seller_id", "restoration_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="lostpost.restoration",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="restoration_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="documentcounter",
            name="series",
            field=models.CharField(
                choices=[
                    ("sales-invoice", "Sales Invoice"),
                    ("credit-note", "Credit Note"),
                    ("invoice-paid-again", "Invoice Paid Again"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "restoration_id", name="credit_note_for_a_restoration_of_its_seller", to="Restoration"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                fields=("seller", "restoration_id"), name="credit_note_once_for_each_restoration"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("compensation_id", None), ("restoration_id", None), ("write_off_id__isnull", False)),
                    models.Q(("compensation_id__isnull", False), ("restoration_id", None), ("write_off_id", None)),
                    models.Q(
                        ("compensation_id", None),
                        ("restoration_id__isnull", False),
                        ("write_off_id", None),
                        models.Q(("amends_number", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="credit_note_for_one_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentcounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("series__in", ["sales-invoice", "credit-note", "invoice-paid-again"])),
                name="document_series_known",
            ),
        ),
    ]
