from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0080_silent_since"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="answerdraft",
            name="answer_draft_held_is_an_answer",
        ),
        migrations.AddField(
            model_name="answerdraft",
            name="held_files",
            field=models.JSONField(db_default=[], default=list),
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
                        ("held_files", []),
                        ("held_key", ""),
                        ("held_sending", False),
                        ("held_until", None),
                        ("last_message_id", None),
                    ),
                    _connector="OR",
                ),
                name="answer_draft_held_is_an_answer",
            ),
        ),
    ]
