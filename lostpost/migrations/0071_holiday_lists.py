"""Lists of public holidays, by which the clocks of customer queries run; deadlines keep theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0085_tracking_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="customerquery",
            name="holidays_version",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="HolidayList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("version", models.PositiveIntegerField()),
                ("days", models.JSONField()),
                ("source", models.CharField(max_length=200)),
                ("decided_by", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("country", "version"), name="holiday_list_version_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("version__gt", 0)), name="holiday_list_version_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="holiday_list_country_is_a_code"
                    ),
                ],
            },
        ),
    ]
