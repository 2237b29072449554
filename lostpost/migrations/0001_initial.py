"""The first tables: every row of a seller carries the seller in its key and in all its relations."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import lostpost.core.ownership

# The largest table by far: partitioned by month, so that old months are dropped whole. Django cannot say that.
SCANS = """
CREATE TABLE lostpost_scan (
    seller_id uuid NOT NULL,
    parcel_id uuid NOT NULL,
    scanned_at timestamptz NOT NULL,
    fingerprint uuid NOT NULL,
    status varchar(30) NOT NULL,
    code varchar(64) NOT NULL,
    text varchar(300) NOT NULL,
    location varchar(100) NOT NULL,
    received_at timestamptz NOT NULL,
    from_future boolean NOT NULL,
    PRIMARY KEY (seller_id, parcel_id, scanned_at, fingerprint),
    CONSTRAINT scan_of_its_seller FOREIGN KEY (seller_id) REFERENCES lostpost_seller (id),
    CONSTRAINT scan_of_a_parcel_of_its_seller
        FOREIGN KEY (seller_id, parcel_id) REFERENCES lostpost_parcel (seller_id, id),
    CONSTRAINT scan_status_known CHECK (status IN (
        'announced', 'with_carrier', 'in_transit', 'exception', 'at_pickup_point', 'picked_up',
        'delivered_at_neighbours', 'delivered', 'returning', 'returned'
    ))
) PARTITION BY RANGE (scanned_at)
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Seller",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("country", models.CharField(default="NL", max_length=2)),
                ("language", models.CharField(default="en", max_length=10)),
                ("currency", models.CharField(default="EUR", max_length=3)),
                (
                    "invoice_cadence",
                    models.CharField(
                        choices=[("monthly", "monthly"), ("twice_a_month", "twice a month")],
                        default="monthly",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="seller_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Za-z0-9][A-Za-z0-9_.-]*$")),
                        name="seller_code_fits_an_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="seller_currency_iso_4217"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("values", models.JSONField()),
                ("reason", models.CharField(max_length=500)),
                ("decided_by", models.CharField(max_length=200)),
                ("decided_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Member",
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
                ("name", models.CharField(max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("agent", "agent"), ("viewer", "viewer")], max_length=10
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="member_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "user_id"), name="member_once_per_shop"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "agent", "viewer"])), name="member_role_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
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
                ("key", models.CharField(max_length=64)),
                ("scope", models.CharField(max_length=40)),
                ("content", models.CharField(max_length=64)),
                ("made_id", models.UUIDField()),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="idempotency_key_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "scope", "key"), name="idempotency_key_used_once"),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^.{8,64}$")), name="idempotency_key_8_to_64_long"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
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
                ("number", models.CharField(max_length=64)),
                ("placed_at", models.DateTimeField()),
                ("currency", models.CharField(max_length=3)),
                ("delivery_costs_minor", models.BigIntegerField(default=0)),
                ("customer_name", models.CharField(max_length=200)),
                ("customer_email", models.CharField(max_length=254)),
                ("customer_language", models.CharField(max_length=10)),
                ("customer_country", models.CharField(max_length=2)),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "-placed_at", "-id"], name="order_newest_first")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="order_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "number"), name="order_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("delivery_costs_minor__gte", 0)), name="order_delivery_costs_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="order_currency_iso_4217"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderItem",
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
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("item", models.CharField(max_length=64)),
                ("sku", models.CharField(blank=True, max_length=64)),
                ("title", models.CharField(max_length=300)),
                ("quantity", models.PositiveIntegerField()),
                ("quantity_cancelled", models.PositiveIntegerField(default=0)),
                ("paid_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("quantity_written_off", models.PositiveIntegerField(default=0)),
                ("refunded_minor", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="order_item_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="order_item_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(fields=("seller", "order_id", "item"), name="order_item_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="order_item_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantity_cancelled"), "+", models.F("quantity_written_off")
                                ),
                            )
                        ),
                        name="order_item_written_off_at_most_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("paid_minor__gte", 0)), name="order_item_paid_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commission_minor__gte", 0)), name="order_item_commission_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refunded_minor__gte", 0), ("refunded_minor__lte", models.F("paid_minor"))),
                        name="order_item_refund_at_most_what_was_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
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
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                (
                    "shipping_method",
                    models.CharField(
                        choices=[
                            ("own", "your own shipping method"),
                            ("logistics_via_platform", "Logistics via the platform"),
                            ("shipping_via_platform", "Shipping via the platform"),
                            ("label_via_platform", "shipping label via the platform"),
                        ],
                        max_length=30,
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=64)),
                ("tracking_number", models.CharField(blank=True, max_length=64)),
                ("tracking_number_changed_at", models.DateTimeField(null=True)),
                ("shipped_at", models.DateTimeField()),
                ("last_scanned_at", models.DateTimeField(null=True)),
                ("last_status", models.CharField(blank=True, max_length=30)),
                ("last_rank", models.SmallIntegerField(default=0)),
                ("last_fingerprint", models.UUIDField(null=True)),
                ("last_text", models.CharField(blank=True, max_length=300)),
                ("last_location", models.CharField(blank=True, max_length=100)),
                ("last_code", models.CharField(blank=True, max_length=64)),
                ("delivered", models.BooleanField(default=False)),
                ("written_off", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "order_id"], name="parcel_of_order"),
                    models.Index(
                        condition=models.Q(("tracking_number", ""), _negated=True),
                        fields=["carrier", "tracking_number", "seller"],
                        name="parcel_by_tracking_number",
                    ),
                    models.Index(
                        condition=models.Q(("delivered", False), ("shipping_method", "own"), ("written_off", False)),
                        fields=["seller", "shipped_at"],
                        name="parcel_silent_candidates",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="parcel_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="parcel_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(fields=("seller", "code"), name="parcel_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "shipping_method__in",
                                ["own", "logistics_via_platform", "shipping_via_platform", "label_via_platform"],
                            )
                        ),
                        name="parcel_shipping_method_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParcelUnit",
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
                ("parcel_id", models.UUIDField()),
                (
                    "parcel",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="lostpost.parcel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("order_item_id", models.UUIDField()),
                (
                    "order_item",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_item_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="lostpost.orderitem",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("quantity_written_off", models.PositiveIntegerField(default=0)),
                ("quantity_returned", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "order_item_id"], name="parcel_unit_of_item")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="parcel_unit_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_id", name="parcel_unit_lies_in_a_parcel_of_its_seller", to="Parcel"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_item_id", name="parcel_unit_is_of_an_item_of_its_seller", to="OrderItem"
                    ),
                    models.UniqueConstraint(fields=("seller", "parcel_id", "order_item_id"), name="parcel_unit_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="parcel_unit_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantity_written_off"), "+", models.F("quantity_returned")
                                ),
                            )
                        ),
                        name="parcel_unit_gone_at_most_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Return",
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
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("announced", "announced"),
                            ("in_transit", "on its way back"),
                            ("received", "received"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "order_id"], name="return_of_order")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="return_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="return_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(fields=("seller", "code"), name="return_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["announced", "in_transit", "received", "cancelled"])),
                        name="return_status_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnUnit",
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
                ("return_id", models.UUIDField()),
                (
                    "return_of",
                    models.ForeignObject(
                        from_fields=("seller_id", "return_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="lostpost.return",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("parcel_unit_id", models.UUIDField()),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returned_in",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "parcel_unit_id"], name="return_unit_of_parcel_unit")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="return_unit_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "return_id", name="return_unit_belongs_to_a_return_of_its_seller", to="Return"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_unit_id", name="return_unit_came_in_a_parcel_of_its_seller", to="ParcelUnit"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "return_id", "parcel_unit_id"), name="return_unit_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="return_unit_quantity_positive"
                    ),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCANS, "DROP TABLE lostpost_scan")],
            state_operations=[
                migrations.CreateModel(
                    name="Scan",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "seller_id",
                                "parcel_id",
                                "scanned_at",
                                "fingerprint",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                        ("parcel_id", models.UUIDField()),
                        (
                            "parcel",
                            models.ForeignObject(
                                from_fields=("seller_id", "parcel_id"),
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scans",
                                to="lostpost.parcel",
                                to_fields=("seller_id", "id"),
                            ),
                        ),
                        ("scanned_at", models.DateTimeField()),
                        ("fingerprint", models.UUIDField()),
                        ("status", models.CharField(max_length=30)),
                        ("code", models.CharField(blank=True, max_length=64)),
                        ("text", models.CharField(blank=True, max_length=300)),
                        ("location", models.CharField(blank=True, max_length=100)),
                        ("received_at", models.DateTimeField()),
                        ("from_future", models.BooleanField(default=False)),
                    ],
                    options={
                        "constraints": [
                            lostpost.core.ownership.OfItsSeller(name="scan_of_its_seller"),
                            lostpost.core.ownership.OwnedForeignKey(
                                "parcel_id", name="scan_of_a_parcel_of_its_seller", to="Parcel"
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
                                name="scan_status_known",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="CustomerQuery",
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
                ("number", models.CharField(max_length=20)),
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_queries",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("order_item_id", models.UUIDField(null=True)),
                (
                    "order_item",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_item_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.orderitem",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("waiting_for_customer", "Waiting for customer"),
                            ("follow_up_later", "Follow up later"),
                            ("handled", "Handled"),
                            ("with_partnerservice", "With Partnerservice"),
                        ],
                        default="open",
                        max_length=30,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
                ("waits_since", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "state", "waits_since", "id"], name="customer_query_oldest_first"),
                    models.Index(fields=["seller", "order_id"], name="customer_query_of_order"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="customer_query_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="customer_query_is_about_an_order_of_its_seller", to="Order"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_item_id", name="customer_query_is_about_an_item_of_its_seller", to="OrderItem"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="customer_query_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["open", "waiting_for_customer", "follow_up_later", "handled", "with_partnerservice"],
                            )
                        ),
                        name="customer_query_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at__isnull", False), ("state", "handled")),
                            models.Q(models.Q(("state", "handled"), _negated=True), ("handled_at", None)),
                            _connector="OR",
                        ),
                        name="customer_query_handled_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
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
                ("query_id", models.UUIDField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timeline",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=40)),
                ("data", models.JSONField(default=dict)),
                ("text", models.TextField(blank=True)),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "query_id", "at", "id"], name="timeline_in_order")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="timeline_entry_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="timeline_entry_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
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
                ("query_id", models.UUIDField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("about_id", models.UUIDField(null=True)),
                ("to", models.CharField(max_length=254)),
                ("language", models.CharField(max_length=10)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("body", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="mail_of_query"),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["seller", "queued_at"],
                        name="mail_still_queued",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="mail_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="mail_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "kind", "about_id"), name="mail_once_for_each_thing_told"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "failed"])), name="mail_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="mail_sent_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
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
                (
                    "debit",
                    models.CharField(
                        choices=[
                            ("seller", "Seller's current account"),
                            ("customer", "Refunds owed to customers"),
                            ("provider", "Money at the payment provider"),
                            ("commission", "Commission earned"),
                            ("commission_vat", "VAT on commission"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "credit",
                    models.CharField(
                        choices=[
                            ("seller", "Seller's current account"),
                            ("customer", "Refunds owed to customers"),
                            ("provider", "Money at the payment provider"),
                            ("commission", "Commission earned"),
                            ("commission_vat", "VAT on commission"),
                        ],
                        max_length=20,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("correction_turnover", "Turnover corrected"),
                            ("correction_delivery", "Delivery costs corrected"),
                            ("correction_commission", "Commission given back"),
                            ("correction_commission_vat", "VAT on commission given back"),
                            ("refund_paid", "Refund paid"),
                        ],
                        max_length=40,
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("booked_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "booked_at", "id"], name="transfer_in_order")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="transfer_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "source_id", "kind"), name="transfer_booked_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="transfer_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit", models.F("credit")), _negated=True),
                        name="transfer_between_two_accounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credit__in", ["seller", "customer", "provider", "commission", "commission_vat"]),
                            ("debit__in", ["seller", "customer", "provider", "commission", "commission_vat"]),
                        ),
                        name="transfer_accounts_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "correction_turnover",
                                    "correction_delivery",
                                    "correction_commission",
                                    "correction_commission_vat",
                                    "refund_paid",
                                ],
                            )
                        ),
                        name="transfer_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
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
                ("number", models.CharField(max_length=40)),
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("query_id", models.UUIDField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("gateway", models.CharField(max_length=30)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("sent", "Sent"),
                            ("confirmed", "Confirmed"),
                            ("failed", "Failed"),
                        ],
                        default="requested",
                        max_length=20,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "order_id"], name="refund_of_order"),
                    models.Index(
                        condition=models.Q(("state__in", ["requested", "sent", "failed"])),
                        fields=["requested_at", "seller", "id"],
                        name="refund_not_yet_paid",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="refund_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="refund_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="refund_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="refund_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)), name="refund_amount_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("failed_at", None), ("state", "requested")),
                            models.Q(
                                ("confirmed_at", None),
                                ("failed_at", None),
                                ("sent_at__isnull", False),
                                ("state", "sent"),
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("failed_at", None),
                                ("sent_at__isnull", False),
                                ("state", "confirmed"),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                ("confirmed_at", None),
                                ("failed_at__isnull", False),
                                ("state", "failed"),
                                models.Q(("problem", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="refund_state_has_its_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOff",
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
                ("number", models.CharField(max_length=40)),
                ("order_id", models.UUIDField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("query_id", models.UUIDField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("refund_id", models.UUIDField()),
                (
                    "refund",
                    models.ForeignObject(
                        from_fields=("seller_id", "refund_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="lostpost.refund",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("refund_minor", models.BigIntegerField()),
                ("delivery_refund_minor", models.BigIntegerField(default=0)),
                ("policy_version", models.PositiveIntegerField()),
                ("confirmed_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="write_off_of_query"),
                    models.Index(fields=["seller", "order_id"], name="write_off_of_order"),
                    models.Index(fields=["seller", "-confirmed_at", "-id"], name="write_off_newest_first"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="write_off_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="write_off_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="write_off_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "refund_id", name="write_off_has_a_refund_of_its_seller", to="Refund"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="write_off_number_unique"),
                    models.UniqueConstraint(
                        fields=("seller", "refund_id"), name="write_off_refunded_by_its_own_refund"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("delivery_refund_minor__gt", 0)),
                        fields=("seller", "order_id"),
                        name="write_off_refunds_delivery_costs_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("delivery_refund_minor__gte", 0), ("refund_minor__gte", models.F("delivery_refund_minor"))
                        ),
                        name="write_off_refund_covers_its_delivery_costs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOffLine",
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
                ("write_off_id", models.UUIDField()),
                (
                    "write_off",
                    models.ForeignObject(
                        from_fields=("seller_id", "write_off_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="lostpost.writeoff",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("parcel_unit_id", models.UUIDField()),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_off_lines",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("order_item_id", models.UUIDField()),
                (
                    "order_item",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_item_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_off_lines",
                        to="lostpost.orderitem",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("refund_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("commission_vat_minor", models.BigIntegerField()),
                ("facts", models.JSONField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "parcel_unit_id"], name="write_off_line_of_unit"),
                    models.Index(fields=["seller", "order_item_id"], name="write_off_line_of_item"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="write_off_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_id", name="line_belongs_to_a_write_off_of_its_seller", to="WriteOff"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_unit_id", name="line_writes_off_a_parcel_unit_of_its_seller", to="ParcelUnit"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_item_id", name="line_writes_off_an_item_of_its_seller", to="OrderItem"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "write_off_id", "parcel_unit_id"), name="write_off_line_unique"
                    ),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="write_off_quantity_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_minor__gte", 0), ("commission_vat_minor__gte", 0), ("refund_minor__gte", 0)
                        ),
                        name="write_off_line_amounts_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerserviceRequest",
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
                ("query_id", models.UUIDField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partnerservice_requests",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("parcel_unit_id", models.UUIDField()),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partnerservice_requests",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("reasons", models.JSONField()),
                ("facts", models.JSONField()),
                ("policy_version", models.PositiveIntegerField()),
                ("sentence", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting for Partnerservice"), ("answered", "Answered")],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by_user_id", models.BigIntegerField()),
                ("asked_by_name", models.CharField(max_length=200)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_user_id", models.BigIntegerField(null=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="request_of_query"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["asked_at", "seller", "id"],
                        name="request_oldest_first",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="partnerservice_request_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="request_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_unit_id", name="request_is_about_units_of_its_seller", to="ParcelUnit"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("seller", "parcel_unit_id"),
                        name="request_waits_once_for_each_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("state", "waiting")),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("state", "answered"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="request_answered_has_its_answer",
                    ),
                ],
            },
        ),
        # Every scan updates its parcel; with room on the page the update touches no index.
        migrations.RunSQL(
            "ALTER TABLE lostpost_parcel SET (fillfactor = 80)", "ALTER TABLE lostpost_parcel RESET (fillfactor)"
        ),
    ]
