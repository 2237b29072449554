from django.db import migrations, models

FILL = """
    UPDATE lostpost_writeoffline line
       SET commission_vat_rate_bp = coalesce(
               item.commission_vat_rate_bp, (policy.values ->> 'commission_vat_rate_bp')::int, 2100
           )
      FROM lostpost_writeoff write_off
      JOIN lostpost_orderitem item ON item.seller_id = write_off.seller_id AND item.order_id = write_off.order_id
      LEFT JOIN lostpost_policyversion policy ON policy.version = write_off.policy_version
     WHERE line.seller_id = write_off.seller_id AND line.write_off_id = write_off.id AND item.id = line.order_item_id
"""


class Migration(migrations.Migration):
    """Keep the rate of VAT that a line was decided at, where it was worked out of item and policy before."""

    dependencies = [
        ("lostpost", "0022_refund_no_response_since"),
    ]

    operations = [
        migrations.AddField("writeoffline", "commission_vat_rate_bp", models.PositiveIntegerField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("writeoffline", "commission_vat_rate_bp", models.PositiveIntegerField()),
    ]
