"""Cases of parcels that were found after their write-off."""

import django.db.models.deletion
from django.db import migrations, models

import lostpost.core.ownership


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0046_query_actions"),
    ]

    operations = [
        migrations.AddField(
            model_name="parcel",
            name="any_written_off",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="FoundCase",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("number", models.CharField(max_length=50)),
                ("write_off_id", models.UUIDField()),
                ("parcel_id", models.UUIDField()),
                ("order_id", models.UUIDField()),
                ("query_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To be decided"),
                            ("asked", "The customer was asked to pay again"),
                            ("unanswered", "Ended without an answer"),
                            ("settled", "Settled"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "parcel",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.parcel",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_cases",
                        to="lostpost.customerquery",
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
                (
                    "write_off",
                    models.ForeignObject(
                        from_fields=("seller_id", "write_off_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_cases",
                        to="lostpost.writeoff",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="found_case_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_id", name="found_case_of_a_write_off_of_its_seller", to="WriteOff"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_id", name="found_case_of_a_parcel_of_its_seller", to="Parcel"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="found_case_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="found_case_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="found_case_number_unique"),
                    models.UniqueConstraint(
                        fields=("seller", "write_off_id", "parcel_id"), name="found_case_once_for_each_write_off"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ["open", "asked"])),
                            models.Q(("ended_at__isnull", False), ("state__in", ["unanswered", "settled"])),
                            _connector="OR",
                        ),
                        name="found_case_ended_has_its_end",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="found_case_of_query"),
                    models.Index(fields=["seller", "state", "opened_at", "id"], name="found_case_oldest_first"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["opened_at", "seller", "id"],
                        name="found_case_open_of_all",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundEvidence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("case_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scan", "Track & Trace"),
                            ("customer", "The customer says so"),
                            ("came-back", "It came back"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(max_length=50)),
                ("at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
                ("text", models.CharField(blank=True, max_length=500)),
                ("data", models.JSONField(default=dict)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                (
                    "case",
                    models.ForeignObject(
                        from_fields=("seller_id", "case_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="lostpost.foundcase",
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
                    lostpost.core.ownership.OfItsSeller(name="found_evidence_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "case_id", name="evidence_belongs_to_a_found_case_of_its_seller", to="FoundCase"
                    ),
                    models.UniqueConstraint(fields=("seller", "case_id", "kind", "key"), name="found_evidence_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["scan", "customer", "came-back"])),
                        name="found_evidence_kind_known",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="FoundOutcome",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("case_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pay-again", "Ask the customer to pay again"),
                            ("return", "Take it back as a return"),
                            ("let-go", "Let it go"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "The customer was asked"),
                            ("agreed", "The customer agreed to pay again"),
                            ("not-paid", "Agreed, and withdrawn before it was paid"),
                            ("declined", "The customer declined"),
                            ("withdrawn", "Withdrawn"),
                            ("unanswered", "No answer"),
                            ("done", "Done"),
                        ],
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("decided_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=200)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=20)),
                ("restoration_id", models.UUIDField(null=True)),
                ("link_id", models.UUIDField(null=True)),
                ("consent_language", models.CharField(blank=True, max_length=10)),
                ("consent", models.CharField(blank=True, max_length=1000)),
                (
                    "case",
                    models.ForeignObject(
                        from_fields=("seller_id", "case_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="lostpost.foundcase",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "link",
                    models.ForeignObject(
                        from_fields=("seller_id", "link_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.customerlink",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "restoration",
                    models.ForeignObject(
                        from_fields=("seller_id", "restoration_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.restoration",
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
                    lostpost.core.ownership.OfItsSeller(name="found_outcome_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "case_id", name="outcome_belongs_to_a_found_case_of_its_seller", to="FoundCase"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "restoration_id", name="outcome_has_a_restoration_of_its_seller", to="Restoration"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "link_id", name="consent_by_a_link_of_its_seller", to="CustomerLink"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("seller", "case_id"),
                        name="found_case_asks_one_thing_at_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "restoration_id"), name="restoration_of_one_found_outcome"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)), name="found_outcome_amount_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "pay-again"), models.Q(("state", "done"), _negated=True)),
                            models.Q(("kind__in", ["return", "let-go"]), ("state", "done")),
                            _connector="OR",
                        ),
                        name="found_outcome_kind_has_its_states",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "let-go"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="found_let_go_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "asked")),
                            models.Q(models.Q(("state", "asked"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="found_outcome_ended_has_its_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("link_id__isnull", False),
                                ("restoration_id__isnull", False),
                                ("state__in", ["agreed", "not-paid"]),
                                models.Q(("consent", ""), _negated=True),
                                models.Q(("consent_language", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state__in", ["agreed", "not-paid"]), _negated=True),
                                ("consent", ""),
                                ("consent_language", ""),
                                ("link_id", None),
                                ("restoration_id", None),
                            ),
                            _connector="OR",
                        ),
                        name="found_payment_restored_with_the_customers_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__in", ["no", "did-not-come"]), ("state", "declined")),
                            models.Q(models.Q(("state", "declined"), _negated=True), ("answer", "")),
                            _connector="OR",
                        ),
                        name="found_declined_has_its_answer",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["seller", "case_id", "decided_at"], name="found_outcome_of_case"),
                    models.Index(
                        condition=models.Q(("state", "asked")),
                        fields=["decided_at", "seller", "id"],
                        name="found_outcome_asked",
                    ),
                    models.Index(
                        condition=models.Q(("state", "agreed")),
                        fields=["ended_at", "seller", "id"],
                        name="found_outcome_agreed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundOutcomeUnit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("outcome_id", models.UUIDField()),
                ("write_off_line_id", models.UUIDField()),
                ("quantity", models.PositiveIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                (
                    "outcome",
                    models.ForeignObject(
                        from_fields=("seller_id", "outcome_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="lostpost.foundoutcome",
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
                (
                    "write_off_line",
                    models.ForeignObject(
                        from_fields=("seller_id", "write_off_line_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_units",
                        to="lostpost.writeoffline",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="found_unit_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "outcome_id", name="unit_belongs_to_a_found_outcome_of_its_seller", to="FoundOutcome"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_line_id", name="found_unit_of_a_line_of_its_seller", to="WriteOffLine"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "outcome_id", "write_off_line_id"), name="found_unit_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="found_unit_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)), name="found_unit_amount_not_negative"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["seller", "write_off_line_id"], name="found_unit_of_line"),
                ],
            },
        ),
    ]
