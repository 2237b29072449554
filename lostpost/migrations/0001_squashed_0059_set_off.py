"""All tables as 0059 leaves them, for new databases: 0001 to 0059 one by one take eight times as long.

A database that has any of those goes on with them; tests hold that both ways end alike.
"""

import datetime
from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models
from django.db.migrations.state import ProjectState

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
    before_order boolean DEFAULT false NOT NULL,
    by_number boolean DEFAULT false NOT NULL,
    PRIMARY KEY (seller_id, parcel_id, scanned_at, fingerprint),
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

    def apply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Create the tables with one rendering of all models; Django renders related ones again for each."""
        state = self.mutate_state(ProjectState(dict(project_state.models), project_state.real_apps))
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, project_state, state)
        return state

    replaces = [
        ("lostpost", "0001_initial"),
        ("lostpost", "0002_lists_and_searches"),
        ("lostpost", "0003_api_clients"),
        ("lostpost", "0004_events"),
        ("lostpost", "0005_request_counts"),
        ("lostpost", "0006_webhooks"),
        ("lostpost", "0007_sealed_webhook_secrets"),
        ("lostpost", "0008_sales_and_invoices"),
        ("lostpost", "0009_invoice_cadences"),
        ("lostpost", "0010_refunds_by_providers"),
        ("lostpost", "0011_sales_of_before"),
        ("lostpost", "0012_who_paid_invoices"),
        ("lostpost", "0013_slow_webhooks"),
        ("lostpost", "0014_units_found_and_paid_again"),
        ("lostpost", "0015_refunds_looked_at_again"),
        ("lostpost", "0016_unanswered_messages"),
        ("lostpost", "0017_mail_answers_lost"),
        ("lostpost", "0018_sign_in_and_security_log"),
        ("lostpost", "0019_search_forms_and_scans"),
        ("lostpost", "0020_scans_held_by_their_parcels"),
        ("lostpost", "0021_bounces_are_numbered"),
        ("lostpost", "0022_refund_no_response_since"),
        ("lostpost", "0023_rate_on_write_off_lines"),
        ("lostpost", "0024_failed_refunds_counted"),
        ("lostpost", "0025_query_states_and_worklist"),
        ("lostpost", "0026_overrides_of_units"),
        ("lostpost", "0027_partnerservice_decides"),
        ("lostpost", "0036_write_off_batches"),
        ("lostpost", "0031_mail_both_ways"),
        ("lostpost", "0034_drafts_and_templates"),
        ("lostpost", "0032_customer_links"),
        ("lostpost", "0028_holds_and_limits"),
        ("lostpost", "0033_parked_mail_settled"),
        ("lostpost", "0037_invitations"),
        ("lostpost", "0035_attachments"),
        ("lostpost", "0029_desk_search"),
        ("lostpost", "0043_sections_of_members"),
        ("lostpost", "0047_customer_links_masked"),
        ("lostpost", "0040_answer_days"),
        ("lostpost", "0048_secrets_seen_by"),
        ("lostpost", "0041_declarations"),
        ("lostpost", "0046_query_actions"),
        ("lostpost", "0038_found_parcels"),
        ("lostpost", "0039_parcels_written_off"),
        ("lostpost", "0044_notices"),
        ("lostpost", "0053_vat_treatment"),
        ("lostpost", "0049_compensations"),
        ("lostpost", "0054_vat_number_checks"),
        ("lostpost", "0055_held_days"),
        ("lostpost", "0056_exchange_rates"),
        ("lostpost", "0058_national_vat"),
        ("lostpost", "0050_found_cases_of_all"),
        ("lostpost", "0059_set_off"),
    ]

    dependencies = [
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),  # Its later changes would render all models again.
    ]

    operations = [
        migrations.CreateModel(
            name="AttemptCount",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("failures", models.IntegerField()),
                ("failed_at", models.DateTimeField()),
                ("waits_until", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            sql="ALTER TABLE lostpost_attemptcount SET UNLOGGED",
            reverse_sql="ALTER TABLE lostpost_attemptcount SET LOGGED",
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
            name="RequestCount",
            fields=[
                ("client_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("requests", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(
            sql="ALTER TABLE lostpost_requestcount SET UNLOGGED",
            reverse_sql="ALTER TABLE lostpost_requestcount SET LOGGED",
        ),
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                ("client_id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("shop_id", models.UUIDField(null=True)),
                ("read_only", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=200)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("former_secret", models.CharField(blank=True, db_default="", max_length=255)),
                ("former_secret_until", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("made_by_user_id", models.BigIntegerField(null=True)),
                ("secret_seen_by", models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["shop_id", "made_at"], name="api_client_of_shop")],
            },
        ),
        migrations.CreateModel(
            name="DeskNoticeChoices",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                ("timings", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("digest_hour", models.PositiveIntegerField(db_default=7, default=7)),
                ("language", models.CharField(blank=True, db_default="", max_length=10)),
                ("off", models.BooleanField(db_default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user_id",), name="desk_notice_choices_once_for_each_agent"),
                    models.CheckConstraint(
                        condition=models.Q(("digest_hour__lt", 24)), name="desk_notice_choices_hour_of_a_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("on", models.DateField()),
                ("per_euro", models.DecimalField(decimal_places=10, max_digits=20)),
                ("source", models.CharField(max_length=200)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["currency", "-on", "-recorded_at"], name="exchange_rate_newest_first")
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("per_euro__gt", 0)), name="exchange_rate_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="exchange_rate_currency_iso_4217"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeMail",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lostpost.core.ownership.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("shop_id", models.UUIDField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("answers_lost", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="notice_mail_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "queued")),
                            models.Q(("settled_at__isnull", False), ("state__in", ["sent", "failed"])),
                            _connector="OR",
                        ),
                        name="notice_mail_settled_or_queued",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "queued")),
                        fields=("user_id", "shop_id"),
                        name="notice_mail_one_at_a_time",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("event", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=10)),
                ("user_id", models.BigIntegerField(null=True)),
                ("user_name", models.CharField(blank=True, max_length=150)),
                ("client_id", models.CharField(blank=True, max_length=100)),
                ("address", models.CharField(blank=True, max_length=60)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("about", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], name="security_event_at"),
                    models.Index(fields=["user_id", "at"], name="security_event_by"),
                ],
            },
        ),
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
                ("legal", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("parcel_code", ""), _negated=True),
                        fields=["shop_id", "parcel_code"],
                        name="unmatched_scan_by_parcel",
                    ),
                    models.Index(fields=["received_at"], name="unmatched_scan_by_age"),
                ],
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
                ("customer_invoice", models.JSONField(null=True)),
                ("payment_provider", models.CharField(blank=True, db_default="", max_length=30)),
                ("payment_reference", models.CharField(blank=True, db_default="", max_length=200)),
                ("delivery_refunded_minor", models.BigIntegerField(db_default=0, default=0)),
                ("customer_name_normalised", models.TextField(blank=True, db_default="")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "-placed_at", "-id"], name="order_newest_first"),
                    models.Index(
                        models.F("seller"),
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Lower("customer_email"), "C"
                        ),
                        name="order_by_customer_email",
                    ),
                    models.Index(
                        models.F("seller"),
                        django.db.models.functions.comparison.Collate("customer_name_normalised", "C"),
                        name="order_by_customer_name",
                    ),
                    models.Index(
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
                    models.Index(
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
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            models.Func(
                                django.db.models.functions.text.Lower("number"),
                                output_field=models.TextField(),
                                template="reverse(translate(%(expressions)s, '_.:-', ''))",
                            ),
                            "C",
                        ),
                        name="order_by_number_of_all",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Lower("customer_email"), "C"
                        ),
                        name="order_by_email_of_all",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Collate("customer_name_normalised", "C"),
                        name="order_by_name_of_all",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["placed_at"], name="order_placed_at_of_all"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="order_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "number"), name="order_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("delivery_costs_minor__gte", 0)), name="order_delivery_costs_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="order_currency_iso_4217"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("delivery_refunded_minor__gte", 0),
                            ("delivery_refunded_minor__lte", models.F("delivery_costs_minor")),
                        ),
                        name="order_delivery_refunded_at_most_what_was_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SalesInvoice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("number", models.CharField(max_length=90)),
                ("currency", models.CharField(max_length=3)),
                ("cadence", models.CharField(max_length=20)),
                ("period_from_on", models.DateField()),
                ("period_to_on", models.DateField()),
                ("cut_off_at", models.DateTimeField()),
                ("issued_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("net_minor", models.BigIntegerField(default=0)),
                ("vat_minor", models.BigIntegerField(default=0)),
                ("total_minor", models.BigIntegerField(default=0)),
                ("carried_minor", models.BigIntegerField(default=0)),
                ("payable_minor", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "To be paid"),
                            ("paid", "Paid"),
                            ("carried", "Carried over"),
                            ("settled", "Nothing to pay"),
                        ],
                        default="settled",
                        max_length=20,
                    ),
                ),
                ("paid_at", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("carried_to_id", models.UUIDField(null=True)),
                ("supplier", models.JSONField()),
                ("customer", models.JSONField()),
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
                ("paid_by_name", models.CharField(blank=True, db_default="", max_length=200)),
                ("apart", models.BooleanField(db_default=False, default=False)),
                ("held_from_on", models.DateField()),
                ("held_to_on", models.DateField()),
                ("due_on", models.DateField(null=True)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                ("exchange_rate_on", models.DateField(null=True)),
                ("national_currency", models.CharField(blank=True, db_default="", max_length=3)),
                ("national_vat_minor", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "-issued_at", "-id"], name="sales_invoice_newest_first"),
                    models.Index(fields=["seller", "currency", "-period_from_on"], name="sales_invoice_by_period"),
                    models.Index(
                        condition=models.Q(("state", "issued")),
                        fields=["issued_at", "seller", "id"],
                        name="sales_invoice_not_yet_paid",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="sales_invoice_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "carried_to_id", name="sales_invoice_carried_to_one_of_its_seller", to="SalesInvoice"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="sales_invoice_number_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("period_to_on__gte", models.F("period_from_on"))),
                        name="sales_invoice_period_in_order",
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "currency", "period_from_on", "apart"),
                        name="sales_invoice_once_for_each_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("held_to_on__gte", models.F("held_from_on"))),
                        name="sales_invoice_held_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_on", None),
                            models.Q(("due_on__gte", models.F("issued_on")), ("payable_minor__gt", 0)),
                            _connector="OR",
                        ),
                        name="sales_invoice_due_only_of_a_debt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("exchange_rate", None),
                                ("exchange_rate_on", None),
                                ("national_currency", ""),
                                ("national_vat_minor", 0),
                            ),
                            models.Q(
                                ("exchange_rate__gt", 0),
                                ("exchange_rate_on__lte", models.F("issued_on")),
                                models.Q(("national_currency", ""), _negated=True),
                                models.Q(("national_currency", models.F("currency")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sales_invoice_national_vat_has_its_rate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "payable_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("total_minor"), "+", models.F("carried_minor")
                                ),
                            ),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("vat_minor")
                                ),
                            ),
                        ),
                        name="sales_invoice_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("carried_to_id", None),
                                ("paid_at", None),
                                ("state", "issued"),
                                models.Q(("payable_minor", 0), _negated=True),
                            ),
                            models.Q(
                                ("carried_to_id", None),
                                ("paid_at__isnull", False),
                                ("state", "paid"),
                                models.Q(("payable_minor", 0), _negated=True),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                ("carried_to_id__isnull", False),
                                ("paid_at", None),
                                ("state", "carried"),
                                models.Q(("payable_minor", 0), _negated=True),
                            ),
                            models.Q(
                                ("carried_to_id", None), ("paid_at", None), ("payable_minor", 0), ("state", "settled")
                            ),
                            _connector="OR",
                        ),
                        name="sales_invoice_state_has_its_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueryActionRun",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("answer", "Answer"),
                            ("assign", "Assign"),
                            ("follow_up_later", "Follow Up Later"),
                            ("close", "Close"),
                        ],
                        max_length=20,
                    ),
                ),
                ("template", models.CharField(blank=True, max_length=80)),
                ("leave_open", models.BooleanField(null=True)),
                ("assignee_user_id", models.BigIntegerField(null=True)),
                ("assignee_name", models.CharField(blank=True, max_length=200)),
                ("follow_up_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(max_length=10)),
                ("started_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_client_id", models.CharField(blank=True, max_length=100)),
                ("by_name", models.CharField(max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["started_at"], name="query_action_run_not_ended"
                    )
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="query_action_run_of_its_seller"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "answer"), ("leave_open__isnull", False)),
                            models.Q(models.Q(("kind", "answer"), _negated=True), ("leave_open", None)),
                            _connector="OR",
                        ),
                        name="query_action_answer_leaves_open_or_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("follow_up_on__isnull", False), ("kind", "follow_up_later")),
                            models.Q(models.Q(("kind", "follow_up_later"), _negated=True), ("follow_up_on", None)),
                            _connector="OR",
                        ),
                        name="query_action_follow_up_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "assign"),
                            models.Q(("assignee_name", ""), ("assignee_user_id", None)),
                            _connector="OR",
                        ),
                        name="query_action_assignee_of_an_assignment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeCursor",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("last", models.BigIntegerField()),
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
                    lostpost.core.ownership.OfItsSeller(name="notice_cursor_of_its_seller"),
                    models.UniqueConstraint(fields=("seller",), name="notice_cursor_once_per_shop"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoices",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("user_id", models.BigIntegerField()),
                ("timings", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("digest_hour", models.PositiveIntegerField(db_default=7, default=7)),
                ("language", models.CharField(blank=True, db_default="", max_length=10)),
                ("off", models.BooleanField(db_default=False)),
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
                    lostpost.core.ownership.OfItsSeller(name="notice_choices_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "user_id"), name="notice_choices_once_for_each_member"),
                    models.CheckConstraint(
                        condition=models.Q(("digest_hour__lt", 24)), name="notice_choices_hour_of_a_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("user_id", models.BigIntegerField()),
                ("at_desk", models.BooleanField()),
                ("source", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=30)),
                ("event", models.CharField(max_length=40)),
                ("data", models.JSONField()),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("mailed", "Mailed"), ("dropped", "Dropped")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("sent_in", models.UUIDField(null=True)),
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
                "indexes": [
                    models.Index(condition=models.Q(("state", "pending")), fields=["due_at"], name="notice_due"),
                    models.Index(condition=models.Q(("state", "mailed")), fields=["sent_in"], name="notice_of_mail"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="notice_of_its_seller"),
                    models.UniqueConstraint(
                        fields=("seller", "user_id", "at_desk", "source"), name="notice_once_for_each_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "mailed", "dropped"])), name="notice_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_in__isnull", False), ("state", "mailed")),
                            models.Q(models.Q(("state", "mailed"), _negated=True), ("sent_in", None)),
                            _connector="OR",
                        ),
                        name="notice_mailed_in_a_mail",
                    ),
                ],
            },
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
                ("sections", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["user_id"], name="member_of_user")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="member_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "user_id"), name="member_once_per_shop"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "agent", "viewer"])), name="member_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "owner"), _negated=True), ("sections", {}), _connector="OR"
                        ),
                        name="member_owner_manages_all_sections",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceCadence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "cadence",
                    models.CharField(
                        choices=[("monthly", "monthly"), ("twice_a_month", "twice a month")], max_length=20
                    ),
                ),
                ("from_on", models.DateField()),
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
                    lostpost.core.ownership.OfItsSeller(name="invoice_cadence_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "from_on"), name="invoice_cadence_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("cadence__in", ["monthly", "twice_a_month"])), name="invoice_cadence_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("agent", "agent"), ("viewer", "viewer")], max_length=10
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("invited_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=200)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_user_id", models.BigIntegerField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
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
                ("sections", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="invitation_of_its_seller"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "agent", "viewer"])), name="invitation_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_user_id", None)),
                            models.Q(
                                ("accepted_at__isnull", False),
                                ("accepted_user_id__isnull", False),
                                ("withdrawn_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_accepted_by_somebody_or_withdrawn",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        fields=("seller", "email"),
                        name="invitation_open_once_for_each_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "owner"), _negated=True), ("sections", {}), _connector="OR"
                        ),
                        name="invitation_owner_manages_all_sections",
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
                ("answer", models.TextField(blank=True)),
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
            name="EventCounter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("last", models.BigIntegerField()),
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
                    lostpost.core.ownership.OfItsSeller(name="event_counter_of_its_seller"),
                    models.UniqueConstraint(fields=("seller",), name="event_counter_once_per_shop"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "sequence", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                ("type", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("data", models.JSONField()),
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
                    lostpost.core.ownership.OfItsSeller(name="event_of_its_seller"),
                    models.CheckConstraint(condition=models.Q(("sequence__gt", 0)), name="event_sequence_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentCounter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "series",
                    models.CharField(
                        choices=[("sales-invoice", "Sales Invoice"), ("credit-note", "Credit Note")], max_length=20
                    ),
                ),
                ("last", models.BigIntegerField()),
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
                    lostpost.core.ownership.OfItsSeller(name="document_counter_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "series"), name="document_counter_once_per_series"),
                    models.CheckConstraint(
                        condition=models.Q(("series__in", ["sales-invoice", "credit-note"])),
                        name="document_series_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerTemplate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("name", models.CharField(max_length=80)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Dutch"), ("fr", "French"), ("de", "German"), ("en", "English")], max_length=2
                    ),
                ),
                ("text", models.TextField()),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=200)),
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
                    lostpost.core.ownership.OfItsSeller(name="answer_template_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "language", "name"), name="answer_template_name_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["nl", "fr", "de", "en"])),
                        name="answer_template_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("text", ""), _negated=True)
                        ),
                        name="answer_template_has_name_and_text",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerDay",
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
                ("day", models.DateField()),
                ("answers", models.PositiveIntegerField()),
                ("in_time", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="answer_day_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "day"), name="answer_day_counted_once"),
                    models.CheckConstraint(
                        condition=models.Q(("in_time__lte", models.F("answers"))), name="answer_day_in_time_are_answers"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VatNumberCheck",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("vat_number", models.CharField(max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("valid", "valid"), ("invalid", "not valid"), ("unreachable", "no answer")],
                        max_length=20,
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("problem", models.CharField(blank=True, max_length=200)),
                ("answer", models.JSONField(default=dict)),
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
                "indexes": [
                    models.Index(fields=["seller", "vat_number", "-checked_at"], name="vat_number_check_newest_first")
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="vat_number_check_of_its_seller"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["valid", "invalid"]), ("problem", "")),
                            models.Q(
                                ("outcome", "unreachable"), ("reference", ""), models.Q(("problem", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="vat_number_check_has_an_answer_or_a_problem",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("name", models.CharField(max_length=64)),
                ("url", models.CharField(max_length=500)),
                ("secrets", models.JSONField()),
                ("delivered", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("parked", "Parked")], default="active", max_length=10
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("next_attempt_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=200)),
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
                ("delivered_at", models.DateTimeField(null=True)),
                ("slow", models.BooleanField(db_default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["next_attempt_at"], name="webhook_due"
                    )
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="webhook_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "name"), name="webhook_name_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "parked"])), name="webhook_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "active"), models.Q(("problem", ""), _negated=True), _connector="OR"
                        ),
                        name="webhook_parked_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOffBatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("refund_minor", models.BigIntegerField()),
                ("day", models.DateField()),
                ("language", models.CharField(max_length=10)),
                ("started_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_client_id", models.CharField(blank=True, max_length=100)),
                ("by_name", models.CharField(max_length=200)),
                ("needs_second", models.BooleanField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("second_user_id", models.BigIntegerField(null=True)),
                ("second_name", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=200)),
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
                "indexes": [
                    models.Index(fields=["seller", "-started_at", "-id"], name="write_off_batch_newest_first"),
                    models.Index(fields=["seller", "day"], name="write_off_batch_of_day"),
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["started_at"], name="write_off_batch_running"
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="write_off_batch_of_its_seller"),
                    models.CheckConstraint(
                        condition=models.Q(("refund_minor__gte", 0)), name="write_off_batch_amount_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_user_id", None),
                            models.Q(("second_user_id", models.F("by_user_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="write_off_batch_second_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "cancelled"]),
                            ("needs_second", False),
                            models.Q(("decided_at__isnull", False), ("second_user_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="write_off_batch_runs_once_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ["waiting", "running"])),
                            models.Q(("ended_at__isnull", False), ("state__in", ["finished", "cancelled"])),
                            _connector="OR",
                        ),
                        name="write_off_batch_ended_has_its_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOffDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("day", models.DateField()),
                ("write_offs", models.PositiveIntegerField()),
                ("amounts", models.JSONField()),
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
                    lostpost.core.ownership.OfItsSeller(name="write_off_day_of_its_seller"),
                    models.UniqueConstraint(fields=("seller", "day"), name="write_off_day_counted_once"),
                ],
            },
        ),
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
                ("commission_vat_rate_bp", models.PositiveIntegerField(null=True)),
                ("vat_rate_bp", models.PositiveIntegerField(null=True)),
                ("commission_back_minor", models.BigIntegerField(db_default=0, default=0)),
                ("commission_vat_back_minor", models.BigIntegerField(db_default=0, default=0)),
                ("paid_again_minor", models.BigIntegerField(db_default=0, default=0)),
                ("quantity_paid_again", models.PositiveIntegerField(db_default=0, default=0)),
                ("title_normalised", models.TextField(blank=True, db_default="")),
                ("commission_vat_category", models.CharField(blank=True, db_default="", max_length=2)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            models.F("title_normalised"),
                            models.F("seller_id"),
                            arg_joiner=", '([^ ]{1,40})[^ ]*', ",
                            output_field=models.TextField(),
                            template="array_to_tsvector(string_to_array(regexp_replace(%(expressions)s::text || ':\\1', 'g'), ' '))",
                        ),
                        gin_pending_list_limit=64,
                        name="order_item_by_title",
                    )
                ],
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
                        condition=models.Q(("paid_minor__gte", 0)), name="order_item_paid_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commission_minor__gte", 0)), name="order_item_commission_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity_cancelled"), "+", models.F("quantity_written_off")
                                    ),
                                    "-",
                                    models.F("quantity_paid_again"),
                                ),
                            )
                        ),
                        name="order_item_lost_at_most_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity_written_off__gte", models.F("quantity_paid_again"))),
                        name="order_item_paid_again_only_what_was_written_off",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paid_again_minor__gte", 0),
                            ("refunded_minor__gte", models.F("paid_again_minor")),
                            (
                                "refunded_minor__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("paid_minor"), "+", models.F("paid_again_minor")
                                ),
                            ),
                        ),
                        name="order_item_refund_at_most_what_the_customer_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_back_minor__gte", 0),
                            ("commission_back_minor__lte", models.F("commission_minor")),
                            ("commission_vat_back_minor__gte", 0),
                        ),
                        name="order_item_commission_back_at_most_what_was_charged",
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
                ("carrier_normalised", models.TextField(blank=True, db_default="")),
                ("tracking_number_normalised", models.TextField(blank=True, db_default="")),
                ("any_written_off", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "order_id"], name="parcel_of_order"),
                    models.Index(
                        condition=models.Q(("delivered", False), ("shipping_method", "own"), ("written_off", False)),
                        fields=["seller", "shipped_at"],
                        name="parcel_silent_candidates",
                    ),
                    models.Index(
                        condition=models.Q(("tracking_number_normalised", ""), _negated=True),
                        fields=["tracking_number_normalised", "seller"],
                        name="parcel_by_number",
                    ),
                    models.Index(
                        condition=models.Q(("tracking_number_normalised", ""), _negated=True),
                        fields=["seller", "tracking_number_normalised"],
                        name="parcel_by_number_in_its_shop",
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
        migrations.RunSQL(
            sql="ALTER TABLE lostpost_parcel SET (fillfactor = 80)",
            reverse_sql="ALTER TABLE lostpost_parcel RESET (fillfactor)",
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
            name="Sale",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("order_id", models.UUIDField()),
                ("item", models.CharField(blank=True, max_length=64)),
                ("parcel", models.CharField(blank=True, max_length=64)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("sku", models.CharField(blank=True, max_length=64)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("handed_over", "handed over to the carrier"),
                            ("changed", "order or parcel corrected"),
                            ("returned", "returned"),
                        ],
                        max_length=20,
                    ),
                ),
                ("quantity", models.IntegerField()),
                ("turnover_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("commission_vat_minor", models.BigIntegerField()),
                ("commission_vat_rate_bp", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("effective_at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="lostpost.order",
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
                ("commission_vat_category", models.CharField(db_default="S", max_length=2)),
                ("vat_number", models.CharField(blank=True, db_default="", max_length=20)),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "order_id", "item"], name="sale_of_order")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="sale_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="sale_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["handed_over", "changed", "returned"])),
                        name="sale_cause_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_minor", 0),
                            ("commission_vat_minor", 0),
                            ("quantity", 0),
                            ("turnover_minor", 0),
                            _negated=True,
                        ),
                        name="sale_changes_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cause", "changed"),
                            models.Q(
                                ("cause", "handed_over"),
                                ("commission_minor__gte", 0),
                                ("quantity__gte", 0),
                                ("turnover_minor__gte", 0),
                            ),
                            models.Q(
                                ("cause", "returned"),
                                ("commission_minor__lte", 0),
                                ("quantity__lte", 0),
                                ("turnover_minor__lte", 0),
                            ),
                            _connector="OR",
                        ),
                        name="sale_signed_as_its_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="sale_currency_iso_4217"
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
                        name="sale_vat_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueryActionLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("run_id", models.UUIDField()),
                ("position", models.PositiveIntegerField()),
                ("query_number", models.CharField(max_length=20)),
                ("order_number", models.CharField(blank=True, max_length=64)),
                ("last_message_id", models.UUIDField(null=True)),
                ("text", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("done", "Done"), ("refused", "Refused")], max_length=10
                    ),
                ),
                ("refusal_code", models.CharField(blank=True, max_length=60)),
                ("refusal", models.CharField(blank=True, max_length=1000)),
                ("settled_at", models.DateTimeField(null=True)),
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
                    "run",
                    models.ForeignObject(
                        from_fields=("seller_id", "run_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="lostpost.queryactionrun",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="query_action_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "run_id", name="line_belongs_to_a_query_action_run_of_its_seller", to="QueryActionRun"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "run_id", "position"), name="query_action_line_in_its_place"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "run_id", "query_number"), name="query_action_query_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("refusal_code", ""), ("settled_at", None), ("state", "pending")),
                            models.Q(("refusal_code", ""), ("settled_at__isnull", False), ("state", "done")),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("state", "refused"),
                                models.Q(("refusal_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="query_action_line_has_its_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "pending"), ("text", ""), _connector="OR"),
                        name="query_action_text_ends_with_its_line",
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
                            ("payable", "Sales invoices to be paid"),
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
                            ("payable", "Sales invoices to be paid"),
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
                            ("turnover", "Turnover"),
                            ("commission", "Commission"),
                            ("commission_vat", "VAT on commission"),
                            ("turnover_reversed", "Turnover reversed"),
                            ("commission_reversed", "Commission reversed"),
                            ("commission_vat_reversed", "VAT on commission reversed"),
                            ("correction_turnover", "Turnover corrected"),
                            ("correction_delivery", "Delivery costs corrected"),
                            ("correction_commission", "Commission given back"),
                            ("correction_commission_vat", "VAT on commission given back"),
                            ("refund_paid", "Refund paid"),
                            ("refund_bounced", "Refund came back"),
                            ("restored_turnover", "Payment restored"),
                            ("restored_delivery", "Delivery costs restored"),
                            ("restored_commission", "Commission on a restored payment"),
                            ("restored_commission_vat", "VAT on commission on a restored payment"),
                            ("vat_rounded_up", "VAT rounded up on a sales invoice"),
                            ("vat_rounded_down", "VAT rounded down on a sales invoice"),
                            ("settled", "Sales invoice in the seller's favour"),
                            ("debt_settled", "Sales invoice that the seller owes"),
                            ("paid_out", "Paid out to the seller"),
                            ("debt_paid", "Paid by the seller"),
                        ],
                        max_length=40,
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("booked_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField()),
                ("invoice_id", models.UUIDField(null=True)),
                ("vat_rate_bp", models.PositiveIntegerField(null=True)),
                ("vat_category", models.CharField(blank=True, db_default="", max_length=2)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "booked_at", "id"], name="transfer_in_order"),
                    models.Index(
                        condition=models.Q(
                            ("invoice_id", None),
                            (
                                "kind__in",
                                [
                                    "turnover",
                                    "turnover_reversed",
                                    "correction_turnover",
                                    "correction_delivery",
                                    "restored_turnover",
                                    "restored_delivery",
                                    "commission",
                                    "commission_reversed",
                                    "correction_commission",
                                    "restored_commission",
                                    "commission_vat",
                                    "commission_vat_reversed",
                                    "correction_commission_vat",
                                    "restored_commission_vat",
                                    "vat_rounded_up",
                                    "vat_rounded_down",
                                ],
                            ),
                        ),
                        fields=["seller", "currency", "effective_at"],
                        name="transfer_to_be_invoiced",
                    ),
                    models.Index(
                        condition=models.Q(("invoice_id__isnull", False)),
                        fields=["seller", "invoice_id", "source_id"],
                        name="transfer_of_invoice",
                    ),
                ],
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
                    lostpost.core.ownership.OwnedForeignKey(
                        "invoice_id", name="transfer_on_an_invoice_of_its_seller", to="SalesInvoice"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "credit__in",
                                ["seller", "payable", "customer", "provider", "commission", "commission_vat"],
                            ),
                            (
                                "debit__in",
                                ["seller", "payable", "customer", "provider", "commission", "commission_vat"],
                            ),
                        ),
                        name="transfer_accounts_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("invoice_id", None),
                            (
                                "kind__in",
                                [
                                    "turnover",
                                    "turnover_reversed",
                                    "correction_turnover",
                                    "correction_delivery",
                                    "restored_turnover",
                                    "restored_delivery",
                                    "commission",
                                    "commission_reversed",
                                    "correction_commission",
                                    "restored_commission",
                                    "commission_vat",
                                    "commission_vat_reversed",
                                    "correction_commission_vat",
                                    "restored_commission_vat",
                                    "vat_rounded_up",
                                    "vat_rounded_down",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="transfer_on_an_invoice_is_a_line_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "turnover",
                                    "commission",
                                    "commission_vat",
                                    "turnover_reversed",
                                    "commission_reversed",
                                    "commission_vat_reversed",
                                    "correction_turnover",
                                    "correction_delivery",
                                    "correction_commission",
                                    "correction_commission_vat",
                                    "refund_paid",
                                    "refund_bounced",
                                    "restored_turnover",
                                    "restored_delivery",
                                    "restored_commission",
                                    "restored_commission_vat",
                                    "vat_rounded_up",
                                    "vat_rounded_down",
                                    "settled",
                                    "debt_settled",
                                    "paid_out",
                                    "debt_paid",
                                ],
                            )
                        ),
                        name="transfer_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vat_category__in", ["", "S"]),
                            models.Q(("vat_category__in", ("S", "AE", "O")), ("vat_rate_bp", 0)),
                            _connector="OR",
                        ),
                        name="transfer_vat_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SalesInvoiceLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("invoice_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TURNOVER", "Turnover"),
                            ("CORRECTION_TURNOVER", "Correction of turnover"),
                            ("COMMISSION", "Commission"),
                            ("CORRECTION_COMMISSION", "Correction of commission"),
                            ("VAT_ROUNDING", "Rounding of VAT"),
                        ],
                        max_length=30,
                    ),
                ),
                ("vat_category", models.CharField(max_length=2)),
                ("vat_rate_bp", models.PositiveIntegerField(default=0)),
                ("transfers", models.PositiveIntegerField()),
                ("net_minor", models.BigIntegerField()),
                ("vat_minor", models.BigIntegerField()),
                (
                    "invoice",
                    models.ForeignObject(
                        from_fields=("seller_id", "invoice_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="lostpost.salesinvoice",
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
                    lostpost.core.ownership.OfItsSeller(name="sales_invoice_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "invoice_id", name="line_belongs_to_an_invoice_of_its_seller", to="SalesInvoice"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "invoice_id", "place"), name="sales_invoice_line_place_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "TURNOVER",
                                    "CORRECTION_TURNOVER",
                                    "COMMISSION",
                                    "CORRECTION_COMMISSION",
                                    "VAT_ROUNDING",
                                ],
                            )
                        ),
                        name="sales_invoice_line_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("transfers__gt", 0)), name="sales_invoice_line_has_a_transfer"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vat_category", "S"), models.Q(("vat_minor", 0), ("vat_rate_bp", 0)), _connector="OR"
                        ),
                        name="sales_invoice_turnover_without_vat",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "TURNOVER"), ("net_minor__gt", 0), _negated=True),
                            models.Q(("kind", "COMMISSION"), ("net_minor__lt", 0), _negated=True),
                        ),
                        name="sales_invoice_line_signed_as_its_kind",
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "invoice_id", "kind", "vat_category", "vat_rate_bp"),
                        name="sales_invoice_line_once_for_each_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("vat_category__in", ["B", "S", "AE", "O"])),
                        name="sales_invoice_line_vat_category_known",
                    ),
                ],
            },
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
                ("unanswered_since", models.DateTimeField(null=True)),
                ("refunds_failed", models.PositiveIntegerField(db_default=0, default=0)),
                ("answer_due_at", models.DateTimeField(null=True)),
                ("aside_reason", models.CharField(blank=True, db_default="", max_length=200)),
                ("assignee_name", models.CharField(blank=True, db_default="", max_length=200)),
                ("assignee_user_id", models.BigIntegerField(null=True)),
                ("at_stake_minor", models.BigIntegerField(db_default=0, default=0)),
                ("back_from_partnerservice_at", models.DateTimeField(null=True)),
                ("carrier_normalised", models.TextField(blank=True, db_default="")),
                ("closing_announced_at", models.DateTimeField(null=True)),
                (
                    "due_at",
                    models.DateTimeField(
                        db_default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                        default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                    ),
                ),
                ("earlier_follow_up_on", models.DateField(null=True)),
                ("earlier_query_id", models.UUIDField(null=True)),
                (
                    "earlier_query",
                    models.ForeignObject(
                        from_fields=("seller_id", "earlier_query_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later_queries",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "eligible_from",
                    models.DateTimeField(
                        db_default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                        default=datetime.datetime(8999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                    ),
                ),
                ("follow_up_on", models.DateField(null=True)),
                ("found_cases_open", models.PositiveIntegerField(db_default=0, default=0)),
                ("last_message_id", models.UUIDField(null=True)),
                ("overdue_announced_at", models.DateTimeField(null=True)),
                ("partnerservice_answered_at", models.DateTimeField(null=True)),
                ("stakes_assessed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "state", "waits_since", "id"], name="customer_query_oldest_first"),
                    models.Index(fields=["seller", "order_id"], name="customer_query_of_order"),
                    models.Index(
                        condition=models.Q(("state", "open"), ("unanswered_since__isnull", False)),
                        fields=["seller", "unanswered_since", "id"],
                        name="customer_query_unanswered",
                    ),
                    models.Index(
                        condition=models.Q(("state", "handled"), _negated=True),
                        fields=["seller", "state", "due_at", "id"],
                        name="customer_query_by_deadline",
                    ),
                    models.Index(
                        condition=models.Q(("state", "handled"), _negated=True),
                        fields=["seller", "state", "-at_stake_minor", "id"],
                        name="customer_query_by_value",
                    ),
                    models.Index(
                        condition=models.Q(("state", "handled"), _negated=True),
                        fields=["seller", "state", "eligible_from", "id"],
                        name="customer_query_by_eligibility",
                    ),
                    models.Index(
                        condition=models.Q(
                            models.Q(("state", "handled"), _negated=True), ("assignee_user_id__isnull", False)
                        ),
                        fields=["seller", "assignee_user_id", "state", "due_at", "id"],
                        name="customer_query_of_assignee",
                    ),
                    models.Index(
                        condition=models.Q(("refunds_failed__gt", 0), ("found_cases_open__gt", 0), _connector="OR"),
                        fields=["seller", "due_at", "id"],
                        name="customer_query_money_stuck",
                    ),
                    models.Index(
                        condition=models.Q(("state", "follow_up_later")),
                        fields=["follow_up_on", "seller", "id"],
                        name="customer_query_to_follow_up",
                    ),
                    models.Index(
                        condition=models.Q(("state", "with_partnerservice")),
                        fields=["back_from_partnerservice_at", "seller", "id"],
                        name="customer_query_to_come_back",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting_for_customer")),
                        fields=["waits_since", "seller", "id"],
                        name="customer_query_to_close",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("answer_due_at__isnull", False), ("overdue_announced_at", None), ("state", "open")
                        ),
                        fields=["answer_due_at", "seller", "id"],
                        name="customer_query_to_be_overdue",
                    ),
                    models.Index(
                        models.OrderBy(models.F("stakes_assessed_at"), nulls_first=True),
                        models.F("seller"),
                        models.F("id"),
                        condition=models.Q(("state", "handled"), _negated=True),
                        name="customer_query_to_assess",
                    ),
                    models.Index(fields=["number"], name="customer_query_by_number"),
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("follow_up_on__isnull", False), ("state", "follow_up_later")),
                            models.Q(models.Q(("state", "follow_up_later"), _negated=True), ("follow_up_on", None)),
                            _connector="OR",
                        ),
                        name="customer_query_followed_up_later_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("back_from_partnerservice_at__isnull", False), ("state", "with_partnerservice")),
                            models.Q(
                                models.Q(("state", "with_partnerservice"), _negated=True),
                                ("back_from_partnerservice_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="customer_query_with_partnerservice_comes_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closing_announced_at", None), ("state", "waiting_for_customer"), _connector="OR"
                        ),
                        name="customer_query_closes_only_while_it_waits",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assignee_name", ""), ("assignee_user_id", None)),
                            models.Q(
                                ("assignee_user_id__isnull", False), models.Q(("assignee_name", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="customer_query_assignee_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at_stake_minor__gte", 0)), name="customer_query_at_stake_not_negative"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "earlier_query_id", name="customer_query_follows_one_of_its_seller", to="CustomerQuery"
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
                ("quantity_paid_again", models.PositiveIntegerField(db_default=0, default=0)),
                ("quantity_received", models.PositiveIntegerField(db_default=0, default=0)),
                ("override", models.JSONField(null=True)),
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
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity_written_off"), "-", models.F("quantity_paid_again")
                                    ),
                                    "+",
                                    models.F("quantity_returned"),
                                ),
                            )
                        ),
                        name="parcel_unit_lost_or_returned_at_most_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity_written_off__gte", models.F("quantity_paid_again"))),
                        name="parcel_unit_paid_again_only_what_was_written_off",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity_returned__gte", models.F("quantity_received"))),
                        name="parcel_unit_received_only_what_was_returned",
                    ),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=SCANS,
                    reverse_sql="DROP TABLE lostpost_scan",
                ),
            ],
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
                        ("before_order", models.BooleanField(db_default=False, default=False)),
                        ("by_number", models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        "constraints": [
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
            name="CustomerLink",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("query_id", models.UUIDField()),
                ("purpose", models.CharField(choices=[("query", "query")], default="query", max_length=20)),
                ("token_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["token_hash"], name="customer_link_by_token"),
                    models.Index(fields=["seller", "query_id"], name="customer_link_of_query"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="customer_link_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="customer_link_leads_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    models.UniqueConstraint(fields=("seller", "token_hash"), name="customer_link_token_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["query"])), name="customer_link_purpose_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("created_at"))),
                        name="customer_link_ends_after_it_began",
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
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("handed_over", "Handed over, answer lost"),
                        ],
                        default="queued",
                        max_length=20,
                    ),
                ),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("answers_lost", models.PositiveIntegerField(db_default=0)),
                (
                    "delivery",
                    models.CharField(
                        blank=True,
                        choices=[("delayed", "Delayed"), ("delivered", "Delivered"), ("bounced", "Came back")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("delivery_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="mail_sent_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "failed", "handed_over"])),
                        name="mail_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delivery", ""), ("delivery_at", None)),
                            models.Q(
                                ("delivery__in", ["delayed", "delivered", "bounced"]), ("delivery_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="mail_delivery_known_since",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("daily-count", "Write-offs in a day"),
                            ("daily-amount", "Amount in a day"),
                            ("order", "This order"),
                            ("shop", "The shop"),
                        ],
                        max_length=20,
                    ),
                ),
                ("query_id", models.UUIDField()),
                ("order_id", models.UUIDField(null=True)),
                ("day", models.DateField(null=True)),
                ("figures", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "On hold"), ("upheld", "Upheld"), ("released", "Released")],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_user_id", models.BigIntegerField(null=True)),
                ("settled_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.order",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="hold_of_query"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True), ("day__isnull", False), _connector="OR"
                        ),
                        fields=["seller", "day"],
                        name="hold_that_may_stop",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="hold_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="hold_came_up_in_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="hold_is_on_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True),
                            ("kind__in", ["daily-count", "daily-amount"]),
                        ),
                        fields=("seller", "day"),
                        name="hold_stands_once_in_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("state", "released"), _negated=True), ("kind", "order")),
                        fields=("seller", "order_id"),
                        name="hold_stands_once_on_an_order",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("state", "released"), _negated=True), ("kind", "shop")),
                        fields=("seller",),
                        name="hold_stands_once_on_a_shop",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["daily-count", "daily-amount"]),
                                ("day__isnull", False),
                                ("order_id", None),
                            ),
                            models.Q(
                                ("day", None),
                                ("kind", "order"),
                                ("order_id__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                ("day", None),
                                ("kind", "shop"),
                                ("order_id", None),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hold_has_what_its_kind_needs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "held")),
                            models.Q(("settled_at__isnull", False), ("state__in", ["upheld", "released"])),
                            _connector="OR",
                        ),
                        name="hold_settled_has_its_time",
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
                ("asked_at", models.DateTimeField(null=True)),
                ("attempt", models.PositiveIntegerField(db_default=1, default=1)),
                ("payment_reference", models.CharField(blank=True, db_default="", max_length=200)),
                ("problem_code", models.CharField(blank=True, db_default="", max_length=60)),
                ("look_again_at", models.DateTimeField(null=True)),
                ("no_response_since", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "order_id"], name="refund_of_order"),
                    models.Index(
                        condition=models.Q(("state__in", ["requested", "sent", "failed"])),
                        fields=["requested_at", "seller", "id"],
                        name="refund_not_yet_paid",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["requested", "sent", "failed"])),
                        fields=["seller", "requested_at", "id"],
                        name="refund_on_its_way",
                    ),
                    models.Index(
                        condition=models.Q(("state", "confirmed")),
                        fields=["-confirmed_at", "seller", "-id"],
                        name="refund_paid_newest_first",
                    ),
                    models.Index(
                        condition=models.Q(("payment_reference", ""), _negated=True),
                        fields=["payment_reference"],
                        name="refund_of_payment",
                    ),
                    models.Index(
                        condition=models.Q(("look_again_at__isnull", False)),
                        fields=["look_again_at", "seller", "id"],
                        name="refund_to_look_at_again",
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
                    models.CheckConstraint(
                        condition=models.Q(("attempt__gte", 1)), name="refund_attempts_counted_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("look_again_at", None), ("state", "confirmed"), _connector="OR"),
                        name="refund_looked_at_again_once_confirmed",
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
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("query_id", models.UUIDField()),
                ("parcel_id", models.UUIDField()),
                ("language", models.CharField(max_length=2)),
                ("sentence", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_user_id", models.BigIntegerField(default=0)),
                ("asked_by_name", models.CharField(max_length=200)),
                ("signed_name", models.CharField(blank=True, max_length=200)),
                ("signed_on", models.DateField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("content_deleted_at", models.DateTimeField(null=True)),
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
                        related_name="declarations",
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
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("content_deleted_at", None)),
                        fields=["seller", "asked_at"],
                        name="declaration_oldest_first",
                    )
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="declaration_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="declaration_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "parcel_id", name="declaration_is_about_a_parcel_of_its_seller", to="Parcel"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "query_id", "parcel_id"), name="declaration_once_for_each_parcel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["nl", "fr", "de", "en"])),
                        name="declaration_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at", None), ("signed_name", ""), ("signed_on", None)),
                            models.Q(("signed_at__isnull", False), ("signed_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="declaration_signed_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content_deleted_at__isnull", False), ("sentence", ""), ("signed_name", "")),
                            models.Q(
                                ("content_deleted_at", None),
                                models.Q(("sentence", ""), _negated=True),
                                models.Q(
                                    ("signed_at", None), models.Q(("signed_name", ""), _negated=True), _connector="OR"
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="declaration_has_its_words_until_their_time_is_over",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerDraft",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("query_id", models.UUIDField()),
                ("user_id", models.BigIntegerField()),
                ("user_name", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("leave_open", models.BooleanField(null=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_drafts",
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
            ],
            options={
                "indexes": [models.Index(fields=["seller", "seen_at"], name="answer_draft_oldest_first")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="answer_draft_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="answer_draft_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "query_id", "user_id"), name="answer_draft_one_for_each_person"
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
            name="Attachment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("query_id", models.UUIDField()),
                ("entry_id", models.UUIDField(null=True)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("media_type", models.CharField(max_length=30)),
                ("size_bytes", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("by_user_id", models.BigIntegerField(default=0)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("stored_at", models.DateTimeField()),
                ("content_deleted_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    models.ForeignObject(
                        from_fields=("seller_id", "entry_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="lostpost.timelineentry",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id", "stored_at", "id"], name="attachment_of_query"),
                    models.Index(fields=["seller", "entry_id"], name="attachment_of_entry"),
                    models.Index(
                        condition=models.Q(("content_deleted_at", None)),
                        fields=["seller", "stored_at"],
                        name="attachment_oldest_first",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="attachment_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="attachment_belongs_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "entry_id", name="attachment_came_with_an_entry_of_its_seller", to="TimelineEntry"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("media_type__in", ["image/jpeg", "image/png", "application/pdf"])),
                        name="attachment_media_type_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("size_bytes__gt", 0)), name="attachment_size_positive"),
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
                ("parcel_unit_id", models.UUIDField(null=True)),
                (
                    "parcel_unit",
                    models.ForeignObject(
                        from_fields=("seller_id", "parcel_unit_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partnerservice_requests",
                        to="lostpost.parcelunit",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("reasons", models.JSONField()),
                ("facts", models.JSONField(null=True)),
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
                ("assignee_name", models.CharField(blank=True, db_default="", max_length=200)),
                ("assignee_user_id", models.BigIntegerField(null=True)),
                ("at_stake_minor", models.BigIntegerField(db_default=0, default=0)),
                ("deadline_at", models.DateTimeField()),
                ("inquired_at", models.DateTimeField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("order-too-old", "Order too old"),
                            ("delivered", "Delivered, but denied"),
                            ("other-method", "Other shipping method"),
                            ("found", "Lost, then found"),
                            ("hold", "Write-off on hold"),
                            ("refund-failed", "Refund failed"),
                            ("appeal", "Appeal against a hold"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
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
                (
                    "waiting_for",
                    models.CharField(
                        blank=True,
                        choices=[("seller", "Waits for the seller"), ("customer", "Waits for the customer")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("hold_id", models.UUIDField(null=True)),
                (
                    "hold",
                    models.ForeignObject(
                        from_fields=("seller_id", "hold_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="lostpost.hold",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="request_of_query"),
                    models.Index(fields=["seller", "-asked_at", "-id"], name="request_of_seller_newest_first"),
                    models.Index(
                        condition=models.Q(("state", "waiting"), ("waiting_for", "")),
                        fields=["deadline_at", "id"],
                        name="request_to_decide",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting"), ("waiting_for", "")),
                        fields=["kind", "deadline_at", "id"],
                        name="request_to_decide_by_kind",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting"), ("waiting_for", ""), ("assignee_user_id", None)),
                        fields=["deadline_at", "id"],
                        name="request_to_decide_unassigned",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state", "waiting"), ("waiting_for", ""), ("assignee_user_id__isnull", False)
                        ),
                        fields=["assignee_user_id", "deadline_at", "id"],
                        name="request_to_decide_of_assignee",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting"), models.Q(("waiting_for", ""), _negated=True)),
                        fields=["deadline_at", "id"],
                        name="request_waiting_for_others",
                    ),
                    models.Index(
                        condition=models.Q(("state", "answered")),
                        fields=["-answered_at", "-id"],
                        name="request_answered_newest_first",
                    ),
                    models.Index(
                        condition=models.Q(("hold_id__isnull", False)),
                        fields=["seller", "hold_id"],
                        name="request_of_hold",
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
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting"), ("parcel_unit_id", None)),
                        fields=("seller", "query_id", "kind"),
                        name="request_without_units_waits_once_for_each_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "order-too-old",
                                    "delivered",
                                    "other-method",
                                    "found",
                                    "hold",
                                    "refund-failed",
                                    "appeal",
                                ],
                            )
                        ),
                        name="request_kind_known",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("inquired_at", None), ("waiting_for", "")),
                            models.Q(("inquired_at__isnull", False), ("waiting_for__in", ["seller", "customer"])),
                            _connector="OR",
                        ),
                        name="request_inquiry_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assignee_name", ""), ("assignee_user_id", None)),
                            models.Q(
                                ("assignee_user_id__isnull", False), models.Q(("assignee_name", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="request_assignee_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at_stake_minor__gte", 0)), name="request_at_stake_not_negative"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "hold_id", name="request_is_about_a_hold_of_its_seller", to="Hold"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hold_id__isnull", False), ("kind__in", ["hold", "appeal"])),
                            models.Q(models.Q(("kind__in", ["hold", "appeal"]), _negated=True), ("hold_id", None)),
                            _connector="OR",
                        ),
                        name="request_about_a_hold_names_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RelayAddress",
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
                ("token", models.CharField(max_length=40)),
                (
                    "side",
                    models.CharField(
                        choices=[("customer", "customer"), ("seller", "seller"), ("bounce", "bounce")], max_length=10
                    ),
                ),
                ("query_id", models.UUIDField()),
                ("mail_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "mail",
                    models.ForeignObject(
                        from_fields=("seller_id", "mail_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.mail",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["token"], name="relay_address_by_token")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="relay_address_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="relay_address_leads_to_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "mail_id", name="relay_address_is_for_a_mail_of_its_seller", to="Mail"
                    ),
                    models.UniqueConstraint(fields=("seller", "token"), name="relay_address_token_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), models.Q(("side", "bounce"), _negated=True)),
                        fields=("seller", "query_id", "side"),
                        name="relay_address_once_for_each_side",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("seller", "mail_id"),
                        name="relay_address_once_for_each_mail",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["customer", "seller", "bounce"])),
                        name="relay_address_side_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mail_id__isnull", False), ("side", "bounce")),
                            models.Q(models.Q(("side", "bounce"), _negated=True), ("mail_id", None)),
                            _connector="OR",
                        ),
                        name="relay_address_for_bounces_names_its_mail",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("token__regex", "^[a-z0-9]{26,40}$")),
                        name="relay_address_token_unguessable",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundBounce",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("refund_id", models.UUIDField()),
                ("attempt", models.PositiveIntegerField()),
                ("reference", models.CharField(max_length=200)),
                ("problem", models.CharField(max_length=500)),
                ("bounced_at", models.DateTimeField()),
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
                    "refund",
                    models.ForeignObject(
                        from_fields=("seller_id", "refund_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bounces",
                        to="lostpost.refund",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("number", models.PositiveIntegerField(db_default=1, default=1)),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="bounce_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "refund_id", name="bounce_belongs_to_a_refund_of_its_seller", to="Refund"
                    ),
                    models.UniqueConstraint(fields=("seller", "refund_id", "number"), name="refund_bounces_numbered"),
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
                    django.contrib.postgres.indexes.BrinIndex(fields=["confirmed_at"], name="write_off_by_day_of_all"),
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
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="compensation_of_query"),
                    models.Index(fields=["seller", "order_id"], name="compensation_of_order"),
                    models.Index(fields=["seller", "parcel_unit_id"], name="compensation_of_units"),
                    models.Index(fields=["seller", "order_item_id"], name="compensation_of_item"),
                ],
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
            },
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
                "indexes": [
                    models.Index(fields=["seller", "query_id"], name="found_case_of_query"),
                    models.Index(fields=["seller", "state", "opened_at", "id"], name="found_case_oldest_first"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["opened_at", "seller", "id"],
                        name="found_case_open_of_all",
                    ),
                    models.Index(fields=["state", "opened_at", "id"], name="found_case_of_all_by_state"),
                    models.Index(fields=["seller", "order_id"], name="found_case_of_order"),
                ],
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
            },
        ),
        migrations.CreateModel(
            name="Restoration",
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
                ("order_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("agreed", "Agreed, not yet paid"),
                            ("received", "Paid by the customer"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="agreed",
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("delivery_minor", models.BigIntegerField(default=0)),
                ("consent", models.CharField(max_length=1000)),
                ("consented_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField()),
                ("by_user_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=200)),
                ("received_at", models.DateTimeField(null=True)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restorations",
                        to="lostpost.order",
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
                        related_name="restorations",
                        to="lostpost.writeoff",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "write_off_id"], name="restoration_of_write_off"),
                    models.Index(fields=["seller", "order_id"], name="restoration_of_order"),
                    models.Index(
                        condition=models.Q(("state", "agreed")),
                        fields=["agreed_at", "seller", "id"],
                        name="restoration_not_yet_paid",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="restoration_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_id", name="restoration_of_a_write_off_of_its_seller", to="WriteOff"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="restoration_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="restoration_number_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("delivery_minor__gt", 0), models.Q(("state", "withdrawn"), _negated=True)),
                        fields=("seller", "write_off_id"),
                        name="restoration_restores_delivery_costs_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gte", models.F("delivery_minor")), ("delivery_minor__gte", 0)
                        ),
                        name="restoration_amount_covers_its_delivery_costs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("received_at", None), ("state", "agreed"), ("withdrawn_at", None)),
                            models.Q(
                                ("received_at__isnull", False),
                                ("state", "received"),
                                ("withdrawn_at", None),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                ("received_at", None),
                                ("state", "withdrawn"),
                                ("withdrawn_at__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="restoration_state_has_its_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("consent", ""), _negated=True), name="restoration_has_the_customers_consent"
                    ),
                ],
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
                "indexes": [models.Index(fields=["seller", "request_id", "at", "id"], name="request_step_in_order")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="request_step_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "request_id", name="step_belongs_to_a_request_of_its_seller", to="PartnerserviceRequest"
                    ),
                ],
            },
        ),
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
                ("delivery_minor", models.BigIntegerField(db_default=0, default=0)),
                ("items_minor", models.BigIntegerField(db_default=0, default=0)),
                ("lifts", models.BooleanField(db_default=True, default=True)),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "request_id", "proposed_at"], name="override_of_request")],
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
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("proposed_at"))), name="override_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="override_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0), ("lifts", False), _connector="OR"),
                        name="override_quantity_positive",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="AttachmentContent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("attachment_id", models.UUIDField()),
                ("content", models.BinaryField()),
                (
                    "attachment",
                    models.ForeignObject(
                        from_fields=("seller_id", "attachment_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contents",
                        to="lostpost.attachment",
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
                    lostpost.core.ownership.OfItsSeller(name="attachment_content_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "attachment_id", name="content_belongs_to_an_attachment_of_its_seller", to="Attachment"
                    ),
                    models.UniqueConstraint(fields=("seller", "attachment_id"), name="attachment_has_one_content"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomingMail",
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
                ("recipient", models.CharField(max_length=254)),
                ("envelope_sender", models.CharField(blank=True, max_length=254)),
                ("address_id", models.UUIDField(null=True)),
                ("query_id", models.UUIDField(null=True)),
                ("entry_id", models.UUIDField(null=True)),
                ("raw", models.BinaryField(null=True)),
                ("size_bytes", models.PositiveIntegerField()),
                ("message_id", models.CharField(max_length=255)),
                ("content_hash", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("filed", "Filed"),
                            ("parked", "Parked"),
                            ("dropped", "Dropped"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("settled_at", models.DateTimeField(null=True)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("sender_name", models.CharField(blank=True, max_length=200)),
                ("sender_address", models.CharField(blank=True, max_length=254)),
                ("text", models.TextField(blank=True)),
                ("quoted", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("files", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                (
                    "entry",
                    models.ForeignObject(
                        from_fields=("seller_id", "entry_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.timelineentry",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "query",
                    models.ForeignObject(
                        from_fields=("seller_id", "query_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.customerquery",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                (
                    "address",
                    models.ForeignObject(
                        from_fields=("seller_id", "address_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.relayaddress",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("settled_by_name", models.CharField(blank=True, db_default="", max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "query_id", "received_at"], name="incoming_mail_of_query"),
                    models.Index(fields=["seller", "received_at"], name="incoming_mail_of_shop"),
                    models.Index(
                        condition=models.Q(("state", "parked")),
                        fields=["received_at", "seller", "id"],
                        name="incoming_mail_parked",
                    ),
                    models.Index(
                        condition=models.Q(("state", "received")),
                        fields=["received_at", "seller", "id"],
                        name="incoming_mail_to_file",
                    ),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="incoming_mail_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "address_id", name="incoming_mail_came_to_an_address_of_its_seller", to="RelayAddress"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "query_id", name="incoming_mail_filed_in_a_query_of_its_seller", to="CustomerQuery"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "entry_id", name="incoming_mail_has_an_entry_of_its_seller", to="TimelineEntry"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "recipient", "message_id", "content_hash"), name="incoming_mail_received_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["received", "filed", "parked", "dropped"])),
                        name="incoming_mail_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "received")),
                            models.Q(models.Q(("state", "received"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="incoming_mail_settled_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("query_id__isnull", False), ("state", "filed")),
                            models.Q(("state", "filed"), _negated=True),
                            _connector="OR",
                        ),
                        name="incoming_mail_filed_is_in_a_query",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["received", "filed"]),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="incoming_mail_parked_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOffBatchLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("batch_id", models.UUIDField()),
                ("position", models.PositiveIntegerField()),
                ("query_number", models.CharField(max_length=20)),
                ("order_number", models.CharField(blank=True, max_length=64)),
                ("units", models.JSONField()),
                ("token", models.TextField(blank=True)),
                ("refund_minor", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("claimed", "Claimed"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        max_length=10,
                    ),
                ),
                ("write_off_id", models.UUIDField(null=True)),
                ("refusal_code", models.CharField(blank=True, max_length=60)),
                ("refusal", models.CharField(blank=True, max_length=1000)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignObject(
                        from_fields=("seller_id", "batch_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="lostpost.writeoffbatch",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lostpost.writeoff",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="write_off_batch_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "batch_id", name="line_belongs_to_a_batch_of_its_seller", to="WriteOffBatch"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_id", name="batch_line_has_a_write_off_of_its_seller", to="WriteOff"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "batch_id", "position"), name="write_off_batch_line_in_its_place"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "batch_id", "query_number"), name="write_off_batch_query_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refund_minor__gte", 0)), name="write_off_batch_line_amount_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("refusal_code", ""),
                                ("settled_at", None),
                                ("state__in", ["pending", "claimed"]),
                                ("write_off_id", None),
                            ),
                            models.Q(
                                ("refusal_code", ""),
                                ("settled_at__isnull", False),
                                ("state", "done"),
                                ("write_off_id__isnull", False),
                            ),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("state", "refused"),
                                ("write_off_id", None),
                                models.Q(("refusal_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="write_off_batch_line_has_its_result",
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
                ("quantity_restored", models.PositiveIntegerField(db_default=0, default=0)),
                ("commission_vat_rate_bp", models.PositiveIntegerField()),
                ("commission_vat_category", models.CharField(db_default="S", max_length=2)),
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
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", models.F("quantity_restored"))),
                        name="write_off_restored_at_most_once",
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
                        name="write_off_line_vat_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("number", models.CharField(max_length=90)),
                ("write_off_id", models.UUIDField(null=True)),
                ("order_id", models.UUIDField()),
                ("invoice_number", models.CharField(max_length=90)),
                ("invoice_issued_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("issued_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("net_minor", models.BigIntegerField()),
                ("vat_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                ("supplier", models.JSONField()),
                ("customer", models.JSONField()),
                (
                    "order",
                    models.ForeignObject(
                        from_fields=("seller_id", "order_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="lostpost.order",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="lostpost.writeoff",
                        to_fields=("seller_id", "id"),
                    ),
                ),
                ("compensation_id", models.UUIDField(null=True)),
                (
                    "compensation",
                    models.ForeignObject(
                        from_fields=("seller_id", "compensation_id"),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="lostpost.compensation",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "-issued_at", "-id"], name="credit_note_newest_first"),
                    models.Index(fields=["seller", "order_id"], name="credit_note_of_order"),
                ],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="credit_note_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_id", name="credit_note_for_a_write_off_of_its_seller", to="WriteOff"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "order_id", name="credit_note_belongs_to_an_order_of_its_seller", to="Order"
                    ),
                    models.UniqueConstraint(fields=("seller", "number"), name="credit_note_number_unique"),
                    models.UniqueConstraint(
                        fields=("seller", "write_off_id"), name="credit_note_once_for_each_write_off"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gte", 0),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("vat_minor")
                                ),
                            ),
                            ("vat_minor__gte", 0),
                        ),
                        name="credit_note_adds_up",
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "compensation_id", name="credit_note_for_a_compensation_of_its_seller", to="Compensation"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "compensation_id"), name="credit_note_once_for_each_compensation"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("compensation_id", None), ("write_off_id__isnull", False)),
                            models.Q(("compensation_id__isnull", False), ("write_off_id", None)),
                            _connector="OR",
                        ),
                        name="credit_note_for_one_decision",
                    ),
                ],
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
                ],
            },
        ),
        migrations.CreateModel(
            name="RestorationLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("restoration_id", models.UUIDField()),
                ("write_off_line_id", models.UUIDField()),
                ("quantity", models.PositiveIntegerField()),
                ("refund_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("commission_vat_minor", models.BigIntegerField()),
                (
                    "restoration",
                    models.ForeignObject(
                        from_fields=("seller_id", "restoration_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
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
                (
                    "write_off_line",
                    models.ForeignObject(
                        from_fields=("seller_id", "write_off_line_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restoration_lines",
                        to="lostpost.writeoffline",
                        to_fields=("seller_id", "id"),
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seller", "write_off_line_id"], name="restoration_line_of_line")],
                "constraints": [
                    lostpost.core.ownership.OfItsSeller(name="restoration_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "restoration_id", name="line_belongs_to_a_restoration_of_its_seller", to="Restoration"
                    ),
                    lostpost.core.ownership.OwnedForeignKey(
                        "write_off_line_id", name="line_restores_a_line_of_its_seller", to="WriteOffLine"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "restoration_id", "write_off_line_id"), name="restoration_line_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="restoration_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_minor__gte", 0), ("commission_vat_minor__gte", 0), ("refund_minor__gte", 0)
                        ),
                        name="restoration_line_amounts_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField(default=lostpost.core.ownership.uuid7, editable=False)),
                ("credit_note_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("item", models.CharField(blank=True, max_length=64)),
                ("sku", models.CharField(blank=True, max_length=64)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("quantity", models.PositiveIntegerField()),
                ("vat_rate_bp", models.PositiveIntegerField()),
                ("net_minor", models.BigIntegerField()),
                ("vat_minor", models.BigIntegerField()),
                (
                    "credit_note",
                    models.ForeignObject(
                        from_fields=("seller_id", "credit_note_id"),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="lostpost.creditnote",
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
                    lostpost.core.ownership.OfItsSeller(name="credit_note_line_of_its_seller"),
                    lostpost.core.ownership.OwnedForeignKey(
                        "credit_note_id", name="line_belongs_to_a_credit_note_of_its_seller", to="CreditNote"
                    ),
                    models.UniqueConstraint(
                        fields=("seller", "credit_note_id", "place"), name="credit_note_line_place_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="credit_note_quantity_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("net_minor__gte", 0), ("vat_minor__gte", 0)),
                        name="credit_note_line_amounts_not_negative",
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
                "indexes": [models.Index(fields=["seller", "write_off_line_id"], name="found_unit_of_line")],
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
            },
        ),
    ]
