"""Parcels of which anything was written off before: scans of them are looked at from now on."""

from django.db import migrations

from lostpost.core.ownership import cross_seller

FLAG = """
    UPDATE lostpost_parcel parcel
       SET any_written_off = true
      FROM (SELECT DISTINCT seller_id, parcel_id FROM lostpost_parcelunit WHERE quantity_written_off > 0) hit
     WHERE parcel.seller_id = hit.seller_id AND parcel.id = hit.parcel_id
"""


def flag_parcels(apps, schema_editor):
    """Flag them; scans that came before are not looked at again."""
    with cross_seller("migration: parcels written off"), schema_editor.connection.cursor() as cursor:
        cursor.execute(FLAG)


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0038_found_parcels"),
    ]

    operations = [
        migrations.RunPython(flag_parcels, migrations.RunPython.noop, elidable=True),
    ]
