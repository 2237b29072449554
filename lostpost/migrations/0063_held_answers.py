"""Answers are held for some seconds before they are sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0069_keys_to_the_seller_at_roots"),
    ]

    operations = [
        migrations.AddField(
            model_name="answerdraft",
            name="held_key",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="answerdraft",
            name="held_problem",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="answerdraft",
            name="held_sending",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="answerdraft",
            name="held_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="answerdraft",
            name="last_message_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="answerdraft",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)),
                fields=["held_until", "seller", "id"],
                name="answer_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerdraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("held_until__isnull", False),
                        models.Q(("held_key", ""), _negated=True),
                        models.Q(("text", ""), _negated=True),
                        ("leave_open__isnull", False),
                    ),
                    models.Q(
                        ("held_key", ""), ("held_sending", False), ("held_until", None), ("last_message_id", None)
                    ),
                    _connector="OR",
                ),
                name="answer_draft_held_is_an_answer",
            ),
        ),
    ]
