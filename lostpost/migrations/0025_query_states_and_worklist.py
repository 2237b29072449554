"""The states of a query with their evidence, and what lists of queries sort and filter by."""

import datetime
import json
from uuid import UUID
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.clock_hours import late_from

# A query put aside for later had no day: it comes back a week after it was.
ASIDE = """
    UPDATE lostpost_customerquery
       SET follow_up_on = ((waits_since + interval '7 days') AT TIME ZONE %(zone)s)::date,
           due_at = ((waits_since + interval '7 days') AT TIME ZONE %(zone)s)::date::timestamp AT TIME ZONE %(zone)s
     WHERE state = 'follow_up_later'
"""
WITH_PARTNERSERVICE = """
    UPDATE lostpost_customerquery
       SET back_from_partnerservice_at = waits_since + interval '48 hours',
           due_at = waits_since + interval '48 hours'
     WHERE state = 'with_partnerservice'
"""
LAST_MESSAGES = """
    UPDATE lostpost_customerquery query
       SET last_message_id = newest.id
      FROM (SELECT DISTINCT ON (seller_id, query_id) seller_id, query_id, id
              FROM lostpost_timelineentry
             WHERE kind IN ('message.sent', 'message.received')
             ORDER BY seller_id, query_id, at DESC, id DESC) newest
     WHERE query.seller_id = newest.seller_id AND query.id = newest.query_id
"""
# Answers of Partnerservice after which nobody of the shop did anything in the query.
ANSWERED = """
    UPDATE lostpost_customerquery query
       SET partnerservice_answered_at = request.answered_at
      FROM (SELECT seller_id, query_id, max(answered_at) AS answered_at
              FROM lostpost_partnerservicerequest
             WHERE state = 'answered' GROUP BY seller_id, query_id) request
     WHERE query.seller_id = request.seller_id AND query.id = request.query_id
       AND query.state IN ('open', 'waiting_for_customer', 'follow_up_later')
       AND request.answered_at > now() - interval '30 days'
       AND NOT EXISTS (
           SELECT 1 FROM lostpost_timelineentry entry
            WHERE entry.seller_id = query.seller_id AND entry.query_id = query.id AND entry.at > request.answered_at
              AND entry.by_user_id IS NOT NULL AND entry.kind <> 'partnerservice.answered'
       )
"""
UNANSWERED = """
    SELECT query.seller_id, query.id, query.unanswered_since, seller.country
      FROM lostpost_customerquery query
      JOIN lostpost_seller seller ON seller.id = query.seller_id
     WHERE query.unanswered_since IS NOT NULL AND (query.seller_id, query.id) > (%s, %s)
     ORDER BY query.seller_id, query.id LIMIT %s
"""
DEADLINES = """
    UPDATE lostpost_customerquery query
       SET answer_due_at = row.due_at,
           due_at = CASE WHEN query.state IN ('open', 'waiting_for_customer') THEN row.due_at ELSE query.due_at END
      FROM jsonb_to_recordset(%s::jsonb) AS row (seller_id uuid, id uuid, due_at timestamptz)
     WHERE query.seller_id = row.seller_id AND query.id = row.id
"""
BATCH = 5_000


def fill_in(apps, schema_editor):
    """Give queries of before the evidence of their state and their deadlines."""
    newest = apps.get_model("lostpost", "PolicyVersion").objects.order_by("-version").first()
    zone = ((newest.values if newest else None) or {}).get("time_zone", "Europe/Amsterdam")
    with cross_seller("migration: deadlines of all queries"), schema_editor.connection.cursor() as cursor:
        cursor.execute(ASIDE, {"zone": zone})
        cursor.execute(WITH_PARTNERSERVICE)
        cursor.execute(LAST_MESSAGES)
        cursor.execute(ANSWERED)
        after = (UUID(int=0), UUID(int=0))
        while True:
            cursor.execute(UNANSWERED, (*after, BATCH))
            rows = cursor.fetchall()
            if not rows:
                return
            due = [
                {
                    "seller_id": str(seller_id),
                    "id": str(query_id),
                    "due_at": late_from(since, country=country, zone=ZoneInfo(zone)).isoformat(),
                }
                for seller_id, query_id, since, country in rows
            ]
            cursor.execute(DEADLINES, (json.dumps(due),))
            after = rows[-1][:2]


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0024_failed_refunds_counted"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "seller",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.seller",
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=60)),
                ("filters", models.CharField(max_length=500)),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="saved_view_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "user_id", "name"), name="saved_view_name_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="saved_view_has_a_name"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="customerquery",
            name="answer_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="aside_reason",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="assignee_name",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="assignee_user_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="at_stake_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="back_from_partnerservice_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="carrier_normalised",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="closing_announced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="due_at",
            field=models.DateTimeField(
                db_default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
            ),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="earlier_follow_up_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="earlier_query_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="earlier_query",
            field=models.ForeignObject(
                from_fields=("seller_id", "earlier_query_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="later_queries",
                to="lostpost.customerquery",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="eligible_from",
            field=models.DateTimeField(
                db_default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
            ),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="follow_up_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="found_cases_open",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="last_message_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="overdue_announced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="partnerservice_answered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="stakes_assessed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "handled"), _negated=True),
                fields=["seller", "state", "due_at", "id"],
                name="customer_query_by_deadline",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "handled"), _negated=True),
                fields=["seller", "state", "-at_stake_minor", "id"],
                name="customer_query_by_value",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "handled"), _negated=True),
                fields=["seller", "state", "eligible_from", "id"],
                name="customer_query_by_eligibility",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(models.Q(("state", "handled"), _negated=True), ("assignee_user_id__isnull", False)),
                fields=["seller", "assignee_user_id", "state", "due_at", "id"],
                name="customer_query_of_assignee",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("refunds_failed__gt", 0), ("found_cases_open__gt", 0), _connector="OR"),
                fields=["seller", "due_at", "id"],
                name="customer_query_money_stuck",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "follow_up_later")),
                fields=["follow_up_on", "seller", "id"],
                name="customer_query_to_follow_up",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "with_partnerservice")),
                fields=["back_from_partnerservice_at", "seller", "id"],
                name="customer_query_to_come_back",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "waiting_for_customer")),
                fields=["waits_since", "seller", "id"],
                name="customer_query_to_close",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("answer_due_at__isnull", False), ("overdue_announced_at", None), ("state", "open")),
                fields=["answer_due_at", "seller", "id"],
                name="customer_query_to_be_overdue",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                models.OrderBy(models.F("stakes_assessed_at"), nulls_first=True),
                models.F("seller"),
                models.F("id"),
                condition=models.Q(("state", "handled"), _negated=True),
                name="customer_query_to_assess",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("follow_up_on__isnull", False), ("state", "follow_up_later")),
                    models.Q(models.Q(("state", "follow_up_later"), _negated=True), ("follow_up_on", None)),
                    _connector="OR",
                ),
                name="customer_query_followed_up_later_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("back_from_partnerservice_at__isnull", False), ("state", "with_partnerservice")),
                    models.Q(
                        models.Q(("state", "with_partnerservice"), _negated=True), ("back_from_partnerservice_at", None)
                    ),
                    _connector="OR",
                ),
                name="customer_query_with_partnerservice_comes_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(("closing_announced_at", None), ("state", "waiting_for_customer"), _connector="OR"),
                name="customer_query_closes_only_while_it_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer_due_at", None), ("unanswered_since", None)),
                    models.Q(
                        ("answer_due_at__gt", models.F("unanswered_since")),
                        ("answer_due_at__isnull", False),
                        ("unanswered_since__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="customer_query_unanswered_has_its_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assignee_name", ""), ("assignee_user_id", None)),
                    models.Q(("assignee_user_id__isnull", False), models.Q(("assignee_name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="customer_query_assignee_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(("at_stake_minor__gte", 0)), name="customer_query_at_stake_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "earlier_query_id", name="customer_query_follows_one_of_its_seller", to="CustomerQuery"
            ),
        ),
    ]
