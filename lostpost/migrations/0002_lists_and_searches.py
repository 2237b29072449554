"""Indexes behind the lists and their searches, so that a page costs what stands on it."""

from django.db import migrations, models
from django.db.models.functions import Collate, Lower


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["user_id"], name="member_of_user"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(models.F("seller"), Collate(Lower("customer_name"), "C"), name="order_by_customer_name"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("seller"),
                Collate(
                    Lower(models.Func(models.F("customer_name"), models.Value("[^ ]+$"), function="substring")), "C"
                ),
                name="order_by_customer_last_name",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("seller"), Collate(Lower("customer_email"), "C"), name="order_by_customer_email"
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=["seller", "tracking_number"],
                name="parcel_tracked_in_its_shop",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "answered")),
                fields=["-answered_at", "seller", "-id"],
                name="request_answered_newest_first",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "sent", "failed"])),
                fields=["seller", "requested_at", "id"],
                name="refund_on_its_way",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state", "confirmed")),
                fields=["-confirmed_at", "seller", "-id"],
                name="refund_paid_newest_first",
            ),
        ),
    ]
