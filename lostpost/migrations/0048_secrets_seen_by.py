"""Who knows the secret of a program: whoever gave it another one, beside its maker."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0040_answer_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="apiclient",
            name="secret_seen_by",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
