"""Mask customers' links in what customers have written before: their answers quote the e-mails that contain them."""

from functools import reduce
from operator import or_
from uuid import UUID

from django.db import migrations, transaction
from django.db.models import Q

from lostpost.core.link_masking import mask_customer_links
from lostpost.core.ownership import cross_seller

PERHAPS = "(/|2f|_|#47;)[^[:alnum:]]{0,30}c"
BATCH = 500


def mask_links(apps, schema_editor):
    """Mask them, each batch in a transaction of its own: it may be repeated."""
    written_by_others = {
        "IncomingMail": (["subject", "text", "quoted", "html"], ~Q(state="received")),
        "TimelineEntry": (["text"], Q(kind="message.received")),
        "CustomerQuery": (["subject"], Q()),
    }
    with cross_seller("migration: links in what customers wrote"):
        for name, (columns, condition) in written_by_others.items():
            model = apps.get_model("lostpost", name)
            perhaps = reduce(or_, (Q(**{f"{column}__iregex": PERHAPS}) for column in columns))
            rows = model.objects.filter(condition, perhaps).order_by("pk")
            after = (UUID(int=0), UUID(int=0))
            while batch := list(rows.filter(pk__gt=after).values("seller_id", "id", *columns)[:BATCH]):
                with transaction.atomic():
                    for row in batch:
                        masked = {column: mask_customer_links(row[column]) for column in columns}
                        if any(masked[column] != row[column] for column in columns):
                            model.objects.filter(seller_id=row["seller_id"], id=row["id"]).update(**masked)
                after = (batch[-1]["seller_id"], batch[-1]["id"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("lostpost", "0043_sections_of_members"),
    ]

    operations = [
        migrations.RunPython(mask_links, migrations.RunPython.noop, elidable=True),
    ]
