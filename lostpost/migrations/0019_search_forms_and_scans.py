"""Forms in which names, titles and Track & Trace numbers are searched; scans that do not count, and that wait."""

import json
from uuid import UUID

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import lostpost.core.ownership
from lostpost.core.ownership import cross_seller
from lostpost.core.text import compact_form, search_form

# Where every letter is of ASCII, the database can do it itself: the blanks are single, the letters small.
ASCII = """
    UPDATE {table}
       SET {to} = lower({text} COLLATE "C")
     WHERE {column} <> '' AND {column} COLLATE "C" ~ '^[ -~]*$' AND {to} = ''
"""
OTHERS = """
    SELECT seller_id, id, {column} FROM {table}
     WHERE {column} <> '' AND NOT {column} COLLATE "C" ~ '^[ -~]*$' AND (seller_id, id) > (%s, %s)
     ORDER BY seller_id, id LIMIT %s
"""
FILL = """
    UPDATE {table} filled
       SET {to} = row.form
      FROM jsonb_to_recordset(%s::jsonb) AS row (seller_id uuid, id uuid, form text)
     WHERE filled.seller_id = row.seller_id AND filled.id = row.id
"""
SINGLE_BLANKS = "btrim(regexp_replace({column}, ' +', ' ', 'g'))"
NO_BLANKS = "left(replace({column}, ' ', ''), 128)"
COLUMNS = (
    ("lostpost_order", "customer_name", SINGLE_BLANKS, search_form),
    ("lostpost_orderitem", "title", SINGLE_BLANKS, search_form),
    ("lostpost_parcel", "carrier", NO_BLANKS, compact_form),
    ("lostpost_parcel", "tracking_number", NO_BLANKS, compact_form),
)
BATCH = 5_000
NOWHERE = UUID(int=0)

BEFORE_ORDER = """
    UPDATE lostpost_scan scan
       SET before_order = true
      FROM lostpost_parcel parcel
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id AND scan.scanned_at < placed.placed_at
"""
# Of the parcels whose newest scan does not count any more: one from before the order, or an announcement or exception
# after the end of the journey.
NEWEST = """
    WITH counted AS (
        SELECT scan.*, status NOT IN ('announced', 'exception') AS moves,
               status IN ('delivered', 'delivered_at_neighbours', 'picked_up', 'returned') AS final,
               array_position(ARRAY[
                   'announced', 'with_carrier', 'in_transit', 'exception', 'at_pickup_point', 'picked_up',
                   'delivered_at_neighbours', 'delivered', 'returning', 'returned'], status::text) - 1 AS rank
          FROM lostpost_scan scan
          JOIN lostpost_parcel parcel ON parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id
          JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
         WHERE NOT scan.from_future AND NOT scan.before_order
           AND (parcel.last_status IN ('announced', 'exception') OR parcel.last_scanned_at < placed.placed_at)
    ), ranked AS (
        SELECT counted.*,
               final AND 1 = count(*) FILTER (WHERE moves) OVER (
                   PARTITION BY seller_id, parcel_id
                   ORDER BY scanned_at DESC, rank DESC, text COLLATE "C" DESC, location COLLATE "C" DESC,
                            code COLLATE "C" DESC, fingerprint DESC
                   ROWS UNBOUNDED PRECEDING
               ) AS ends
          FROM counted
    ), newest AS (
        SELECT DISTINCT ON (seller_id, parcel_id) *
          FROM ranked
         ORDER BY seller_id, parcel_id, ends DESC, scanned_at DESC, rank DESC, text COLLATE "C" DESC,
                  location COLLATE "C" DESC, code COLLATE "C" DESC, fingerprint DESC
    )
    UPDATE lostpost_parcel parcel
       SET last_scanned_at = newest.scanned_at, last_status = coalesce(newest.status, ''),
           last_rank = coalesce(newest.rank, 0), last_fingerprint = newest.fingerprint,
           last_text = coalesce(newest.text, ''), last_location = coalesce(newest.location, ''),
           last_code = coalesce(newest.code, ''),
           delivered = coalesce(newest.status IN ('delivered', 'delivered_at_neighbours', 'picked_up'), false)
      FROM lostpost_parcel old
      JOIN lostpost_order placed ON placed.seller_id = old.seller_id AND placed.id = old.order_id
      LEFT JOIN newest ON newest.seller_id = old.seller_id AND newest.parcel_id = old.id
     WHERE parcel.seller_id = old.seller_id AND parcel.id = old.id
       AND (old.last_status IN ('announced', 'exception') OR old.last_scanned_at < placed.placed_at)
"""


def fill_in_forms(apps, schema_editor):
    """Fill the forms of the rows that are there."""
    with cross_seller("a migration fills the rows of every shop"), schema_editor.connection.cursor() as cursor:
        for table, column, text, form in COLUMNS:
            names = {"table": table, "column": column, "to": f"{column}_normalised"}
            cursor.execute(ASCII.format(text=text.format(column=column), **names))
            last = (NOWHERE, NOWHERE)
            while True:
                cursor.execute(OTHERS.format(**names), (*last, BATCH))
                rows = cursor.fetchall()
                if not rows:
                    break
                forms = [{"seller_id": str(seller), "id": str(row), "form": form(words)} for seller, row, words in rows]
                cursor.execute(FILL.format(**names), (json.dumps(forms),))
                last = rows[-1][:2]


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0018_sign_in_and_security_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnmatchedScan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("carrier_normalised", models.TextField(blank=True)),
                ("tracking_number_normalised", models.TextField(blank=True)),
                ("shop_id", models.UUIDField(null=True)),
                ("parcel_code", models.CharField(blank=True, max_length=64)),
                ("scanned_at", models.DateTimeField()),
                ("fingerprint", models.UUIDField()),
                ("status", models.CharField(max_length=30)),
                ("code", models.CharField(blank=True, max_length=64)),
                ("text", models.CharField(blank=True, max_length=300)),
                ("location", models.CharField(blank=True, max_length=100)),
                ("received_at", models.DateTimeField()),
                ("matched_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "tracking_number_normalised",
                            "carrier_normalised",
                            "shop_id",
                            "parcel_code",
                            "scanned_at",
                            "fingerprint",
                        ),
                        name="unmatched_scan_unique",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("tracking_number_normalised", ""), _negated=True),
                            models.Q(("parcel_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="unmatched_scan_names_a_parcel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "announced",
                                    "with_carrier",
                                    "in_transit",
                                    "exception",
                                    "at_pickup_point",
                                    "picked_up",
                                    "delivered_at_neighbours",
                                    "delivered",
                                    "returning",
                                    "returned",
                                ],
                            )
                        ),
                        name="unmatched_scan_status_known",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("parcel_code", ""), _negated=True),
                        fields=["shop_id", "parcel_code"],
                        name="unmatched_scan_by_parcel",
                    ),
                    models.Index(fields=["received_at"], name="unmatched_scan_by_age"),
                ],
            },
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_by_customer_name",
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_by_customer_last_name",
        ),
        migrations.RemoveIndex(
            model_name="parcel",
            name="parcel_by_tracking_number",
        ),
        migrations.RemoveIndex(
            model_name="parcel",
            name="parcel_tracked_in_its_shop",
        ),
        migrations.AddField(
            model_name="order",
            name="customer_name_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="orderitem",
            name="title_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="carrier_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="parcel",
            name="tracking_number_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="scan",
            name="before_order",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="scan",
            name="by_number",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(fill_in_forms, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(BEFORE_ORDER, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(NEWEST, migrations.RunSQL.noop, elidable=True),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("seller"),
                django.db.models.functions.comparison.Collate("customer_name_normalised", "C"),
                name="order_by_customer_name",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("seller"),
                django.db.models.functions.comparison.Collate(
                    models.Func(
                        models.F("customer_name_normalised"),
                        output_field=models.TextField(),
                        template="substring(%(expressions)s, '[^ ]+$')",
                    ),
                    "C",
                ),
                name="order_by_customer_last_name",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("seller"),
                django.db.models.functions.comparison.Collate(
                    models.Func(
                        django.db.models.functions.text.Lower("number"),
                        output_field=models.TextField(),
                        template="reverse(translate(%(expressions)s, '_.:-', ''))",
                    ),
                    "C",
                ),
                name="order_by_end_of_number",
            ),
        ),
        migrations.AddIndex(
            model_name="orderitem",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("title_normalised"),
                    models.F("seller_id"),
                    arg_joiner=", '([^ ]{1,40})[^ ]*', ",
                    output_field=models.TextField(),
                    template="array_to_tsvector(string_to_array(regexp_replace(%(expressions)s::text || ':\\1', 'g'), ' '))",
                ),
                name="order_item_by_title",
                gin_pending_list_limit=64,
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("tracking_number_normalised", ""), _negated=True),
                fields=["tracking_number_normalised", "seller"],
                name="parcel_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                condition=models.Q(("tracking_number_normalised", ""), _negated=True),
                fields=["seller", "tracking_number_normalised"],
                name="parcel_by_number_in_its_shop",
            ),
        ),
    ]
