from django.db import migrations, models

# A shop that is there already keeps the cadence that it has; a change of it begins with the next quarter, as for all.
CADENCES = """
    INSERT INTO lostpost_invoicecadence (seller_id, id, cadence, from_on)
    SELECT id, gen_random_uuid(), invoice_cadence, date_trunc('quarter', now())::date
      FROM lostpost_seller seller
     WHERE NOT EXISTS (SELECT FROM lostpost_invoicecadence WHERE seller_id = seller.id)
"""
# Commission that was given back before the rate stood in the transfer: at the rate of the policy that decided it.
RATES = """
    UPDATE lostpost_transfer transfer
       SET vat_rate_bp = coalesce((policy.values ->> 'commission_vat_rate_bp')::int, 2100)
      FROM lostpost_writeoffline line
      JOIN lostpost_writeoff write_off ON write_off.seller_id = line.seller_id AND write_off.id = line.write_off_id
      LEFT JOIN lostpost_policyversion policy ON policy.version = write_off.policy_version
     WHERE transfer.seller_id = line.seller_id AND transfer.source_id = line.id AND transfer.vat_rate_bp IS NULL
       AND transfer.kind IN ('correction_commission', 'correction_commission_vat')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0008_sales_and_invoices"),
    ]

    operations = [
        migrations.RunSQL(CADENCES, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(RATES, migrations.RunSQL.noop, elidable=True),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("invoice_id", None),
                    (
                        "kind__in",
                        [
                            "turnover",
                            "turnover_reversed",
                            "correction_turnover",
                            "correction_delivery",
                            "restored_turnover",
                            "restored_delivery",
                            "commission",
                            "commission_reversed",
                            "correction_commission",
                            "restored_commission",
                            "commission_vat",
                            "commission_vat_reversed",
                            "correction_commission_vat",
                            "restored_commission_vat",
                            "vat_rounded_up",
                            "vat_rounded_down",
                        ],
                    ),
                    _connector="OR",
                ),
                name="transfer_on_an_invoice_is_a_line_of_one",
            ),
        ),
    ]
