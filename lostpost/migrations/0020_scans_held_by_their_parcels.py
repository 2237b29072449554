from django.db import migrations


class Migration(migrations.Migration):
    """Let go of a key that the one from a scan to its parcel implies: each scan had to look its seller up."""

    dependencies = [
        ("lostpost", "0019_search_forms_and_scans"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="scan", name="scan_of_its_seller"),
    ]
