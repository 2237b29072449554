"""What was given back for the units of each parcel, so that those of another parcel keep their share."""

from django.db import migrations, models

FILL = """
UPDATE lostpost_parcelunit unit
   SET given_back_minor = back.refund,
       commission_back_minor = back.commission,
       commission_vat_back_minor = back.vat
  FROM (
        SELECT seller_id, parcel_unit_id, sum(refund) AS refund, sum(commission) AS commission, sum(vat) AS vat
          FROM (
                SELECT seller_id, parcel_unit_id, refund_minor AS refund, commission_minor AS commission,
                       commission_vat_minor AS vat
                  FROM lostpost_writeoffline
                UNION ALL
                SELECT seller_id, parcel_unit_id, items_minor, commission_minor, commission_vat_minor
                  FROM lostpost_compensation
                UNION ALL
                SELECT part.seller_id, line.parcel_unit_id, -part.refund_minor, -part.commission_minor,
                       -part.commission_vat_minor
                  FROM lostpost_restorationline part
                  JOIN lostpost_restoration restoration
                    ON restoration.seller_id = part.seller_id AND restoration.id = part.restoration_id
                  JOIN lostpost_writeoffline line
                    ON line.seller_id = part.seller_id AND line.id = part.write_off_line_id
                 WHERE restoration.state = 'received'
               ) part
         GROUP BY seller_id, parcel_unit_id
       ) back
 WHERE unit.seller_id = back.seller_id AND unit.id = back.parcel_unit_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0061_compensations_newest_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="parcelunit",
            name="given_back_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcelunit",
            name="commission_back_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="parcelunit",
            name="commission_vat_back_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="parcelunit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commission_back_minor__gte", 0),
                    ("commission_vat_back_minor__gte", 0),
                    ("given_back_minor__gte", 0),
                ),
                name="parcel_unit_amounts_given_back_not_negative",
            ),
        ),
    ]
