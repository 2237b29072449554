"""Money that Partnerservice grants without a write-off, and the credit notes for it."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0053_vat_treatment"),
    ]

    operations = [
        migrations.CreateModel(
            name="Compensation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("number", models.CharField(max_length=40)),
                ("order_id", models.UUIDField()),
                ("query_id", models.UUIDField()),
                ("refund_id", models.UUIDField()),
                ("request_id", models.UUIDField()),
                ("parcel_unit_id", models.UUIDField()),
                ("order_item_id", models.UUIDField()),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("items_minor", models.BigIntegerField()),
                ("delivery_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("commission_vat_minor", models.BigIntegerField()),
                ("commission_vat_rate_bp", models.PositiveIntegerField()),
                ("commission_vat_category", models.CharField(db_default="S", max_length=2)),
                ("facts", models.JSONField()),
                ("policy_version", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=1000)),
                ("granted_at", models.DateTimeField()),
                ("proposed_by_user_id", models.BigIntegerField()),
                ("proposed_by_name", models.CharField(max_length=200)),
                ("by_user_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=200)),
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
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensations",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "order_item",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_item_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensations",
                        to="lostpost.orderitem",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensations",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensations",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "refund",
                    models.ForeignObject(
                        from_fields=("seller_id", "refund_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensations",
                        to="lostpost.refund",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="compensation_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="compensation_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="compensation_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "refund_id", name="compensation_has_a_refund_of_its_seller", to="Refund"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "request_id", name="compensation_answers_a_request_of_its_seller", to="PartnerserviceRequest"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_unit_id", name="compensation_is_about_units_of_its_seller", to="ParcelUnit"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_item_id", name="compensation_is_about_an_item_of_its_seller", to="OrderItem"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="compensation_number_unique"),
                    models.UniqueConstraint(
                        fields=("seller", "refund_id"), name="compensation_refunded_by_its_own_refund"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "request_id"), name="compensation_granted_once_for_each_request"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("items_minor"), "+", models.F("delivery_minor")
                                ),
                            ),
                            ("amount_minor__gt", 0),
                            ("delivery_minor__gte", 0),
                            ("items_minor__gte", 0),
                        ),
                        name="compensation_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commission_minor__gte", 0), ("commission_vat_minor__gte", 0)),
                        name="compensation_commission_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_vat_category", "S"),
                            models.Q(
                                ("commission_vat_category__in", ("S", "AE", "O")),
                                ("commission_vat_minor", 0),
                                ("commission_vat_rate_bp", 0),
                            ),
                            _connector="OR",
                        ),
                        name="compensation_vat_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("by_user_id", models.F("proposed_by_user_id")), _negated=True),
                        name="compensation_granted_by_another_agent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="compensation_has_a_reason"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="compensation_of_query"),
                    models.Index(fields=["seller", "order_id"], name="compensation_of_order"),
                    models.Index(fields=["seller", "parcel_unit_id"], name="compensation_of_units"),
                    models.Index(fields=["seller", "order_item_id"], name="compensation_of_item"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="override",
            name="override_quantity_positive",
        ),
        migrations.AddField(
            model_name="creditnote",
            name="compensation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="override",
            name="delivery_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="override",
            name="items_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="override",
            name="lifts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="write_off",
            field=models.ForeignObject(
                from_fields=("seller_id", "write_off_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="lostpost.writeoff",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AlterField(
            model_name="creditnote",
            name="write_off_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0), ("lifts", False), _connector="OR"),
                name="override_quantity_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="override",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivery_minor__gte", 0),
                    ("items_minor__gte", 0),
                    models.Q(
                        models.Q(("items_minor", 0), ("lifts", True)),
                        models.Q(
                            ("codes", []),
                            ("lifts", False),
                            ("writes_off", False),
                            models.Q(("items_minor__gt", 0), ("delivery_minor__gt", 0), _connector="OR"),
                        ),
                        _connector="OR",
                    ),
                ),
                name="override_lifts_or_grants",
            ),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="compensation",
            field=models.ForeignObject(
                from_fields=("seller_id", "compensation_id"),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="lostpost.compensation",
                to_fields=("seller_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=lostpost.core.ownership.OwnedForeignKey(
                "compensation_id", name="credit_note_for_a_compensation_of_its_seller", to="Compensation"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                fields=("seller", "compensation_id"), name="credit_note_once_for_each_compensation"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("compensation_id", None), ("write_off_id__isnull", False)),
                    models.Q(("compensation_id__isnull", False), ("write_off_id", None)),
                    _connector="OR",
                ),
                name="credit_note_for_one_decision",
            ),
        ),
    ]
