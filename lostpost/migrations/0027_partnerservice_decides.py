"""Requests to Partnerservice with a kind, a deadline and an outcome; what was done about them; overrides."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import lostpost.core.ownership
from lostpost.core.ownership import cross_seller

# Requests of before were all about units, and their answers were words.
FILL_IN = """
    UPDATE lostpost_partnerservicerequest request
       SET kind = CASE WHEN request.reasons::text LIKE '%-via-platform%' THEN 'other-method'
                       WHEN request.reasons ? 'order-too-old' THEN 'order-too-old'
                       ELSE 'delivered' END,
           deadline_at = request.asked_at + interval '48 hours',
           outcome = CASE request.state WHEN 'answered' THEN 'answered' ELSE '' END,
           at_stake_minor = item.paid_minor * unit.quantity / item.quantity
      FROM lostpost_parcelunit unit
      JOIN lostpost_orderitem item ON item.seller_id = unit.seller_id AND item.id = unit.order_item_id
     WHERE unit.seller_id = request.seller_id AND unit.id = request.parcel_unit_id
"""


def fill_in(apps, schema_editor):
    """Give requests of before their kind, deadline, outcome and money."""
    with cross_seller("migration: requests of all sellers"), schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL_IN)


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0026_overrides_of_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("request_id", models.UUIDField()),
                ("parcel_unit_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("confirmed", "Confirmed"), ("rejected", "Rejected")],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("codes", models.JSONField()),
                ("quantity", models.PositiveIntegerField()),
                ("refund_minor", models.BigIntegerField()),
                ("reason", models.CharField(max_length=1000)),
                ("until", models.DateTimeField()),
                ("writes_off", models.BooleanField(default=False)),
                ("decided_on", models.CharField(max_length=64)),
                ("proposed_at", models.DateTimeField()),
                ("proposed_by_user_id", models.BigIntegerField()),
                ("proposed_by_name", models.CharField(max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_user_id", models.BigIntegerField(null=True)),
                ("settled_by_name", models.CharField(blank=True, max_length=200)),
                ("refused_code", models.CharField(blank=True, db_default="", max_length=40)),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "request",
                    models.ForeignObject(
                        from_fields=("seller_id", "request_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="lostpost.partnerservicerequest",
                        to_fields=("seller_id", "id"),
                    ),
                ),
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("refund_minor__gte", 0)), name="override_refund_not_negative"
                    ),
                    lostpost.core.ownership.OfItsSeller(name="override_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "request_id", name="override_answers_a_request_of_its_seller", to="PartnerserviceRequest"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_unit_id", name="override_is_of_units_of_its_seller", to="ParcelUnit"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("seller", "request_id"),
                        name="override_proposed_once_for_each_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "proposed"), ("settled_at", None), ("settled_by_user_id", None)),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by_user_id__isnull", False),
                                ("state__in", ["confirmed", "rejected"]),
                            ),
                            _connector="OR",
                        ),
                        name="override_settled_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(("settled_by_user_id", models.F("proposed_by_user_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="override_confirmed_by_another_agent",
                    ),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="override_quantity_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("proposed_at"))), name="override_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="override_has_a_reason"
                    ),
                ],
                "indexes": [models.Index(fields=["seller", "request_id", "proposed_at"], name="override_of_request")],
            },
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("request_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("text", models.TextField(blank=True)),
                ("data", models.JSONField(default=dict)),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                (
                    "request",
                    models.ForeignObject(
                        from_fields=("seller_id", "request_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="lostpost.partnerservicerequest",
                        to_fields=("seller_id", "id"),
                    ),
                ),
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
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="request_step_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "request_id", name="step_belongs_to_a_request_of_its_seller", to="PartnerserviceRequest"
                    ),
                ],
                "indexes": [models.Index(fields=["seller", "request_id", "at", "id"], name="request_step_in_order")],
            },
        ),
        migrations.RemoveConstraint(
            model_name="partnerservicerequest",
            name="request_answered_has_its_answer",
        ),
        migrations.RemoveIndex(
            model_name="partnerservicerequest",
            name="request_oldest_first",
        ),
        migrations.RemoveIndex(
            model_name="partnerservicerequest",
            name="request_answered_newest_first",
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="assignee_name",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="assignee_user_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="at_stake_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="deadline_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="inquired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("order-too-old", "Order too old"),
                    ("delivered", "Delivered, but denied"),
                    ("other-method", "Other shipping method"),
                    ("found", "Lost, then found"),
                    ("hold", "Write-off on hold"),
                    ("refund-failed", "Refund failed"),
                    ("appeal", "Appeal against a hold"),
                ],
                default="delivered",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answered", "Answered"),
                    ("approved", "Approved"),
                    ("declined", "Declined"),
                    ("released", "Released"),
                    ("upheld", "Upheld"),
                ],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="partnerservicerequest",
            name="waiting_for",
            field=models.CharField(
                blank=True,
                choices=[("seller", "Waits for the seller"), ("customer", "Waits for the customer")],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="partnerservicerequest",
            name="facts",
            field=models.JSONField(null=True),
        ),
        migrations.AlterField(
            model_name="partnerservicerequest",
            name="parcel_unit",
            field=models.ForeignObject(
                from_fields=("seller_id", "parcel_unit_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partnerservice_requests",
                to="lostpost.parcelunit",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AlterField(
            model_name="partnerservicerequest",
            name="parcel_unit_id",
            field=models.UUIDField(null=True),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(fields=["seller", "-asked_at", "-id"], name="request_of_seller_newest_first"),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "waiting"), ("waiting_for", "")),
                fields=["deadline_at", "id"],
                name="request_to_decide",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "waiting"), ("waiting_for", "")),
                fields=["kind", "deadline_at", "id"],
                name="request_to_decide_by_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "waiting"), ("waiting_for", ""), ("assignee_user_id", None)),
                fields=["deadline_at", "id"],
                name="request_to_decide_unassigned",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "waiting"), ("waiting_for", ""), ("assignee_user_id__isnull", False)),
                fields=["assignee_user_id", "deadline_at", "id"],
                name="request_to_decide_of_assignee",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "waiting"), models.Q(("waiting_for", ""), _negated=True)),
                fields=["deadline_at", "id"],
                name="request_waiting_for_others",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerservicerequest",
            index=models.Index(
                condition=models.Q(("state", "answered")),
                fields=["-answered_at", "-id"],
                name="request_answered_newest_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting"), ("parcel_unit_id", None)),
                fields=("seller", "query_id", "kind"),
                name="request_without_units_waits_once_for_each_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["order-too-old", "delivered", "other-method", "found", "hold", "refund-failed", "appeal"],
                    )
                ),
                name="request_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("facts", None),
                        ("parcel_unit_id", None),
                        ("kind__in", ["found", "hold", "refund-failed", "appeal"]),
                    ),
                    models.Q(
                        ("facts__isnull", False),
                        ("parcel_unit_id__isnull", False),
                        ("kind__in", ["order-too-old", "delivered", "other-method"]),
                    ),
                    _connector="OR",
                ),
                name="request_about_units_has_their_facts",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("outcome", ""), ("state", "waiting")),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("outcome__in", ["answered", "approved", "declined", "released", "upheld"]),
                        ("state", "answered"),
                        ("waiting_for", ""),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="request_answered_has_its_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("inquired_at", None), ("waiting_for", "")),
                    models.Q(("inquired_at__isnull", False), ("waiting_for__in", ["seller", "customer"])),
                    _connector="OR",
                ),
                name="request_inquiry_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assignee_name", ""), ("assignee_user_id", None)),
                    models.Q(("assignee_user_id__isnull", False), models.Q(("assignee_name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="request_assignee_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerservicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("at_stake_minor__gte", 0)), name="request_at_stake_not_negative"
            ),
        ),
    ]
