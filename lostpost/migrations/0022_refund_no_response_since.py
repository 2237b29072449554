from django.db import migrations


class Migration(migrations.Migration):
    """Name the column by what it holds: since when the provider has not responded."""

    dependencies = [
        ("lostpost", "0021_bounces_are_numbered"),
    ]

    operations = [
        migrations.RenameField("refund", "unheard_since", "no_response_since"),
    ]
