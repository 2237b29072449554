"""What a person could see in the demo."""

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.found_parcels.models import FoundCase
from lostpost.holds.models import Hold
from lostpost.ledger.models import Transfer
from lostpost.orders.models import Order, OrderItem, Parcel, Return
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.models import Refund
from lostpost.tracking.models import Scan
from lostpost.writeoffs.models import WriteOff

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# A quoted message has its day.
WROTE_ON = re.compile(r"^(You wrote on|Je schreef op|Vous avez écrit le) .*:$", re.MULTILINE)
Content = dict[str, list[tuple[object, ...]]]


def content(now: datetime) -> Content:
    """Return everything, with times as spans from the midnight before."""
    midnight = datetime.combine(now.astimezone(AMSTERDAM).date(), time())

    def comparable(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(AMSTERDAM).replace(tzinfo=None) - midnight
        if isinstance(value, dict):
            return sorted(
                (key, str(item))
                for key, item in value.items()
                if key not in ("request", "number_id", "until", "scanned_at", "hold", "user")
            )
        return WROTE_ON.sub(r"\1 …:", value) if isinstance(value, str) else value

    wanted: dict[Any, str] = {
        Order: "number placed_at currency delivery_costs_minor customer_name customer_email customer_language",
        OrderItem: "order__number item title quantity quantity_cancelled paid_minor commission_minor refunded_minor",
        Parcel: "code carrier tracking_number shipped_at last_scanned_at last_status last_text last_location",
        Scan: "parcel__code scanned_at status code text location received_at from_future",
        Return: "code status registered_at",
        CustomerQuery: "number subject state opened_at handled_at waits_since",
        TimelineEntry: "query__number at kind text by_name data",
        Mail: "query__number kind to language subject body state queued_at sent_at problem",
        WriteOff: "number refund_minor delivery_refund_minor confirmed_at by_name",
        Refund: "number state amount_minor currency requested_at confirmed_at failed_at reference problem",
        Hold: "query__number kind reason state placed_at",
        PartnerserviceRequest: "query__number kind reasons sentence state asked_at answer answered_at",
        FoundCase: "number state opened_at",
        Transfer: "seller__code debit credit amount_minor currency kind booked_at",
    }
    return {
        model._meta.db_table: sorted(
            (tuple(map(comparable, row)) for row in rows_of(model).values_list(*fields.split())), key=repr
        )
        for model, fields in wanted.items()
    }


def rows_of(model: Any) -> Any:
    """Give a table's rows; without what invoices book, as their periods are those of the calendar."""
    of_periods = ("settled", "debt_settled", "paid_out", "debt_paid", "vat_rounded_up", "vat_rounded_down")
    return model.objects.exclude(kind__in=of_periods) if model is Transfer else model.objects
