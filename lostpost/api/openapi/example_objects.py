"""What the examples of requests and responses are about: one of each kind of thing."""

from __future__ import annotations

from typing import Any

LINE = {"parcel": "3SABC1234", "item": "A", "quantity": 1}
LINE_OUT = {
    **LINE,
    "title": "Ceramic lamp, white",
    "refund_minor": 3995,
    "commission_minor": 479,
    "commission_vat_minor": 101,
}
WRITE_OFF = {
    "number": "4711039288-1",
    "customer_query": "4711039288",
    "order_number": "2398-4471",
    "confirmed_at": "2026-03-10T12:00:00Z",
    "policy_version": 1,
    "by": "Order tool of Lampenhuis",
    "currency": "EUR",
    "refund": {"state": "requested", "amount_minor": 4490},
    "delivery_minor": 495,
    "lines": [LINE_OUT],
}
BATCH_HEAD = {
    "id": "0195a3c0-7f00-7000-8000-0000000000b1",
    "state": "running",
    "currency": "EUR",
    "refund_minor": 4490,
    "started_at": "2026-03-10T12:00:00Z",
    "by": "Order tool of Lampenhuis",
    "needs_second_person": False,
    "second_person": None,
    "ended_at": None,
}
BATCH = {
    **BATCH_HEAD,
    "customer_queries": [
        {
            "customer_query": "4711039288",
            "order_number": "2398-4471",
            "state": "pending",
            "lines": [LINE],
            "refund_minor": 4490,
            "write_off": None,
            "refusal": None,
        }
    ],
}
QUERY_ACTION = {
    "action": "answer",
    "template": "searching",
    "leave_open": True,
    "customer_queries": [{"customer_query": "4711039288"}],
}
QUERY_ACTION_RUN = {
    "id": "0195a3c0-7f00-7000-8000-0000000000c1",
    "action": "answer",
    "assignee": None,
    "started_at": "2026-03-10T12:00:00Z",
    "by": "Order tool of Lampenhuis",
    "ended_at": None,
    "customer_queries": [
        {"customer_query": "4711039288", "order_number": "2398-4471", "state": "pending", "refusal": None}
    ],
}
REFUND = {
    "number": "4711039288-1",
    "order_number": "2398-4471",
    "amount_minor": 4490,
    "currency": "EUR",
    "state": "confirmed",
    "requested_at": "2026-03-10T12:00:00Z",
    "sent_at": "2026-03-10T12:00:01Z",
    "confirmed_at": "2026-03-11T09:30:00Z",
    "failed_at": None,
    "reference": "BANK-2026-0311-77",
    "problem": "",
}
ASKED_AGAIN = {**REFUND, "state": "requested", "sent_at": None, "confirmed_at": None, "reference": ""}
RESTORED = {"write_off": REFUND["number"], "order_number": "2398-4471", "currency": "EUR"}
PICTURE = {
    "name": "label.png",
    "content": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC",
}
ATTACHMENT = {
    "id": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a63",
    "name": "label.png",
    "media_type": "image/png",
    "size_bytes": 70,
    "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "message": None,
    "stored_at": "2026-03-10T12:00:00Z",
    "deleted_at": None,
}
TEMPLATE = {
    "id": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a64",
    "name": "Ask the neighbours",
    "language": "nl",
    "text": "Heb je bij de buren gevraagd naar bestelling {order}?",
    "changed_at": "2026-03-10T12:00:00Z",
    "changed_by": "Shop software",
}
TEMPLATE_IN = {name: TEMPLATE[name] for name in ("name", "language", "text")}
COMPENSATION = {
    "number": "4711039288-C1",
    "customer_query": "4711039288",
    "order_number": "2398-4471",
    "request": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a61",
    "parcel": "P-1",
    "item": "1",
    "title": "Ceramic lamp, white",
    "currency": "EUR",
    "refund": {"state": "requested", "amount_minor": 1000},
    "items_minor": 505,
    "delivery_minor": 495,
    "commission_minor": 61,
    "commission_vat_minor": 13,
    "granted_at": "2026-03-10T15:20:00Z",
    "policy_version": 3,
    "reason": "One of the parcels came a month late.",
    "by": "Puck",
}
RESTORATION = {
    **RESTORED,
    "number": "4711039288-1-R1",
    "state": "received",
    "amount_minor": 4490,
    "delivery_minor": 495,
    "delivery_waived_minor": 0,
    "consent": "By telephone: “It came after all, take it off my account again.”",
    "consented_at": "2026-03-20T10:00:00Z",
    "agreed_at": "2026-03-20T10:05:00Z",
    "by": "Marketplace",
    "received_at": "2026-03-20T10:05:00Z",
    "reference": "tr_7UhSN1zuXS",
    "withdrawn_at": None,
    "reason": "",
    "lines": [LINE_OUT],
}
FOUND_PARCEL_HEAD = {
    "number": "4711039288-1-F1",
    "state": "asked",
    "write_off": "4711039288-1",
    "parcel": "3SABC1234",
    "customer_query": "4711039288",
    "order_number": "2398-4471",
    "opened_at": "2026-03-18T09:00:00Z",
    "ended_at": None,
}
FOUND_UNITS = [{"item": "A", "quantity": 1, "amount_minor": 3995}]
FOUND_OUTCOME = {
    "kind": "pay-again",
    "state": "asked",
    "currency": "EUR",
    "amount_minor": 4490,
    "units": FOUND_UNITS,
    "reason": "",
    "decided_at": "2026-03-19T10:00:00Z",
    "by": "Order tool of Lampenhuis",
    "ended_at": None,
    "answer": None,
    "restoration": None,
    "consent": None,
    "consent_language": None,
}
FOUND_PARCEL = {
    **FOUND_PARCEL_HEAD,
    "lines": [{"item": "A", "title": "Ceramic lamp, white", "quantity": 1, "left": 0}],
    "evidence": [
        {"kind": "scan", "at": "2026-03-18T08:40:00Z", "status": "delivered", "preferred_outcome": None, "note": ""}
    ],
    "outcomes": [FOUND_OUTCOME],
}
CREDIT_NOTE = {
    **RESTORED,
    "compensation": None,
    "restoration": None,
    "type": "credit-note",
    "number": "CRN-lampenhuis-00042",
    "invoice_number": "2026-0042",
    "invoice_issued_on": "2026-03-01",
    "amends_number": "",
    "issued_on": "2026-03-10",
    "supplied_on": "2026-03-02",
    "delivered_to": "NL",
    "net_minor": 3302,
    "vat_minor": 693,
    "total_minor": 3995,
    "lines": [
        {
            "item": "A",
            "sku": "LAMP-W",
            "title": "Ceramic lamp, white",
            "quantity": 1,
            "vat_category": "S",
            "vat_rate_bp": 2100,
            "net_minor": 3302,
            "vat_minor": 693,
        }
    ],
}
FIGURES = {
    "period": "2026-03",
    "period_from_on": "2026-03-01",
    "period_to_on": "2026-03-31",
    "held_from_on": "2026-03-01",
    "held_to_on": "2026-03-31",
    "cut_off_at": "2026-03-31T22:00:00Z",
    "currency": "EUR",
    "net_minor": -3516,
    "vat_minor": 101,
    "total_minor": -3415,
    "carried_minor": 0,
    "payable_minor": -3415,
}
INVOICE_LINES = [
    {
        "type": "TURNOVER",
        "vat_category": "B",
        "vat_rate_bp": 0,
        "transfers": 1,
        "net_minor": -3995,
        "vat_minor": 0,
    },
    {
        "type": "COMMISSION",
        "vat_category": "S",
        "vat_rate_bp": 2100,
        "transfers": 2,
        "net_minor": 479,
        "vat_minor": 101,
    },
]
INVOICE_HEAD = {
    **FIGURES,
    "number": "INV-lampenhuis-00003",
    "cadence": "monthly",
    "issued_on": "2026-04-01",
    "issued_at": "2026-04-01T04:00:00Z",
    "due_on": None,
    "state": "paid",
    "paid_at": "2026-04-03T09:30:00Z",
    "reference": "BANK-2026-0403-12",
    "national_currency": "",
    "national_vat_minor": 0,
    "exchange_rate": None,
    "exchange_rate_on": None,
    "carried_to": None,
}
INVOICE = {
    **INVOICE_HEAD,
    "lines": INVOICE_LINES,
    "supplier": {"name": "Example Marketplace B.V.", "country": "NL", "vat_number": "NL001234567B29"},
    "customer": {"name": "Lampenhuis B.V.", "city": "Utrecht", "country": "NL", "iban": "NL91ABNA0417164300"},
}
SPECIFIED = {
    "id": "2398-4471#1#TURNOVER",
    "type": "TURNOVER",
    "order_number": "2398-4471",
    "item": "A",
    "sku": "LAMP-W",
    "title": "Ceramic lamp, white",
    "parcel": "3SABC1234",
    "document": "",
    "quantity": 1,
    "effective_at": "2026-03-02T08:00:00Z",
    "net_minor": -3995,
    "vat_minor": 0,
    "vat_category": "B",
    "vat_rate_bp": 0,
}
STANDING = {"current_minor": 3995, "payable_minor": 0, "total_minor": 3995}
ENTRY = {
    "id": "0195a1b2-0000-7000-8000-000000000001",
    "kind": "turnover",
    "booked_at": "2026-03-02T08:01:00Z",
    "effective_at": "2026-03-02T08:00:00Z",
    "current_minor": 3995,
    "payable_minor": 0,
    "after": STANDING,
    "order_number": "2398-4471",
    "item": "A",
    "title": "Ceramic lamp, white",
    "document": "",
    "invoice_number": INVOICE_HEAD["number"],
}
CHECKED_MONTH = {
    "month": "2026-03",
    "currency": "EUR",
    "write_offs": 1,
    "written_off_minor": 4490,
    "refunds_minor": 4490,
    "ledger_minor": 4490,
    "invoiced_minor": 4490,
    "to_be_invoiced_minor": 0,
    "confirmed_minor": 4490,
    "paid_minor": 4490,
    "commission_minor": 580,
    "commission_ledger_minor": 580,
    "restored_minor": 0,
    "agrees": True,
}
CHECKED_INVOICE = {
    "number": INVOICE_HEAD["number"],
    "currency": "EUR",
    "period_from_on": "2026-03-01",
    "net_minor": -3516,
    "vat_minor": 101,
    "total_minor": -3415,
    "lines_net_minor": -3516,
    "lines_vat_minor": 101,
    "transfers_minor": -3415,
    "agrees": True,
}
WEBHOOK = {
    "name": "order-tool",
    "url": "https://partner.example/lostpost",
    "state": "active",
    "delivered": 4711,
    "failing_since": None,
    "problem": "",
}
SECRET = "whsec_c2hvd24gdGhpcyBvbmNlLCBrZWVwIGl0IHdlbGw="  # noqa: S105  Nobody's.
EVENT = {
    "sequence": 4712,
    "type": "parcel.created",
    "at": "2026-03-10T12:00:00Z",
    "data": {"order_number": "2398-4471", "parcel": "3SABC1234"},
}
REQUEST: dict[str, Any] = {
    "id": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a61",
    "customer_query": "4711039288",
    "order_number": "2398-4471",
    "kind": "order-too-old",
    "parcel": "P-1",
    "item": "1",
    "reasons": ["order-too-old"],
    "sentence": "The customer wrote only after two months. May it be written off?",
    "at_stake_minor": 3995,
    "currency": "EUR",
    "state": "waiting",
    "outcome": None,
    "waiting_for": None,
    "asked_at": "2026-03-10T12:00:00Z",
    "asked_by": "Anna Prins",
    "deadline_at": "2026-03-12T12:00:00Z",
    "answered_at": None,
    "answer": "",
    "approved": None,
}
APPROVED_REQUEST: dict[str, Any] = {
    **REQUEST,
    "state": "answered",
    "outcome": "approved",
    "answered_at": "2026-03-10T15:20:00Z",
    "answer": "The carrier has confirmed the loss in writing.",
    "approved": {
        "codes": ["order-too-old"],
        "quantity": 1,
        "refund_minor": 3995,
        "until": "2026-03-24T23:00:00Z",
        "may_be_written_off": True,
        "granted_items_minor": 0,
        "granted_delivery_minor": 0,
        "by_partnerservice": False,
    },
}

CARRIER_FEED = {
    "carrier": "DPD",
    "state": "silent",
    "text": "Scans are missing since 10 March at 9:00: in 6 hours 0 came, and some 84 were to be "
    "expected. By chance that happens less than once in 1,000,000,000 times.",
    "received_at": "2026-03-10T08:00:12Z",
    "usual_week": 1974,
    "expected_day": 301,
    "received_day": 118,
    "silence": {
        "since": "2026-03-10T08:00:12Z",
        "found_at": "2026-03-10T12:10:00Z",
        "cause": "rate",
        "window_hours": 6,
        "expected": 84,
        "received": 0,
        "chance_exponent": 9,
        "lifted_until": None,
        "lifted_by": "",
        "lift_reason": "",
    },
}
