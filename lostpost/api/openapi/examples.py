"""Examples of every request and of important responses; a test validates them against their schemas."""

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
RESTORATION = {
    **RESTORED,
    "number": "4711039288-1-R1",
    "state": "received",
    "amount_minor": 4490,
    "delivery_minor": 495,
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
CREDIT_NOTE = {
    **RESTORED,
    "number": "CRN-lampenhuis-00042",
    "invoice_number": "2026-0042",
    "invoice_issued_on": "2026-03-01",
    "issued_on": "2026-03-10",
    "net_minor": 3302,
    "vat_minor": 693,
    "total_minor": 3995,
    "lines": [
        {
            "item": "A",
            "sku": "LAMP-W",
            "title": "Ceramic lamp, white",
            "quantity": 1,
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
    "state": "paid",
    "paid_at": "2026-04-03T09:30:00Z",
    "reference": "BANK-2026-0403-12",
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

EXAMPLES: dict[str, dict[str, Any]] = {
    "put_seller": {
        "request": {
            "name": "Lampenhuis",
            "country": "NL",
            "language": "nl",
            "currency": "EUR",
            "invoice_cadence": "monthly",
            "legal": {
                "name": "Lampenhuis B.V.",
                "street": "Oudegracht 12",
                "postal_code": "3511 AB",
                "city": "Utrecht",
                "vat_number": "NL123456789B13",
                "registration_number": "12345678",
                "iban": "NL91ABNA0417164300",
                "electronic_address": "0106:12345678",
            },
        },
    },
    "put_order": {
        "request": {
            "placed_at": "2026-03-01T10:00:00+01:00",
            "currency": "EUR",
            "delivery_costs_minor": 495,
            "customer": {"name": "Klaas Vaak", "email": "klaas@example.com", "language": "nl", "country": "NL"},
            "items": [
                {
                    "item": "A",
                    "sku": "LAMP-W",
                    "title": "Ceramic lamp, white",
                    "quantity": 1,
                    "quantity_cancelled": 0,
                    "paid_minor": 3995,
                    "commission_minor": 479,
                    "vat_rate_bp": 2100,
                }
            ],
            "payment": {"provider": "mollie", "reference": "tr_7UhSN1zuXS"},
            "customer_invoice": {"number": "2026-0117", "issued_on": "2026-03-01"},
        },
        "response": {"state": "created"},
    },
    "put_parcel": {
        "request": {
            "order_number": "2398-4471",
            "shipping_method": "own",
            "carrier": "dpd",
            "tracking_number": "3SABC1234",
            "shipped_at": "2026-03-02T09:00:00+01:00",
            "units": [{"item": "A", "quantity": 1}],
        },
        "response": {"state": "created"},
    },
    "put_return": {
        "request": {
            "order_number": "2398-4471",
            "units": [{"parcel": "3SABC1234", "item": "A", "quantity": 1}],
            "status": "announced",
        },
        "response": {"state": "created"},
    },
    "post_scans": {
        "request": {
            "scans": [
                {
                    "seller": "lampenhuis",
                    "parcel": "3SABC1234",
                    "occurred_at": "2026-03-03T14:32:00+01:00",
                    "status": "in_transit",
                    "text": "Sorted",
                    "location": "Utrecht",
                },
                {
                    "carrier": "dpd",
                    "tracking_number": "3SABC1234",
                    "occurred_at": "2026-03-04T06:10:00+01:00",
                    "status": "in_transit",
                    "id": "dpd-88112",
                },
            ]
        },
        "response": {"accepted": 2, "duplicates": 0, "rejected": [], "waiting": []},
    },
    "post_refund_outcome": {"request": {"outcome": "paid", "reference": REFUND["reference"]}, "response": REFUND},
    "retry_refund": {"response": ASKED_AGAIN},
    "take_refund_by_hand": {"response": ASKED_AGAIN},
    "start_customer_contact": {
        "request": {
            "order_number": "2398-4471",
            "subject": "Your parcel",
            "message": "We are asking the carrier where your parcel is.",
            "leave_open": True,
        },
        "response": {"number": "4711039288", "state": "open"},
    },
    "send_message": {
        "request": {"message": "The carrier has lost it. You get your money back.", "leave_open": True},
        "response": {"number": "4711039288", "state": "open"},
    },
    "put_aside": {
        "request": {"state": "waiting_for_customer", "follow_up_on": None, "reason": "She looks in the shed first."},
        "response": {"number": "4711039288", "state": "waiting_for_customer"},
    },
    "hand_to_partnerservice": {
        "request": {"reason": "The customer says that nobody at the door took it."},
        "response": {"number": "4711039288", "state": "with_partnerservice"},
    },
    "preview_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE]},
        "response": {
            "token": "5f7c0d0a2f4b4f8c9c7d",
            "order_number": "2398-4471",
            "currency": "EUR",
            "lines": [LINE_OUT],
            "delivery_minor": 495,
            "refund_minor": 4490,
            "invoice_lines": [
                {"type": "CORRECTION_TURNOVER", "net_minor": 4490, "vat_minor": 0},
                {"type": "CORRECTION_COMMISSION", "net_minor": -479, "vat_minor": -101},
            ],
        },
    },
    "create_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE], "token": "5f7c0d0a2f4b4f8c9c7d"},
        "response": WRITE_OFF,
    },
    "get_write_off": {"response": WRITE_OFF},
    "list_write_offs": {"response": {"items": [WRITE_OFF], "next": None}},
    "get_refund": {"response": REFUND},
    "list_refunds": {"response": {"items": [REFUND], "next": None}},
    "create_restoration": {
        "request": {
            "consent": RESTORATION["consent"],
            "consented_at": "2026-03-20T11:00:00+01:00",
            "reference": RESTORATION["reference"],
        },
        "response": RESTORATION,
    },
    "post_restoration_outcome": {
        "request": {"outcome": "paid", "reference": RESTORATION["reference"]},
        "response": RESTORATION,
    },
    "get_restoration": {"response": RESTORATION},
    "list_restorations": {"response": {"items": [RESTORATION], "next": None}},
    "get_credit_note": {"response": CREDIT_NOTE},
    "list_credit_notes": {"response": {"items": [CREDIT_NOTE], "next": None}},
    "list_invoices": {"response": {"items": [INVOICE_HEAD], "next": None}},
    "get_invoice": {"response": INVOICE},
    "get_interim_invoices": {
        "response": {"items": [{**FIGURES, "ends_at": "2026-03-31T22:00:00Z", "lines": INVOICE_LINES}]}
    },
    "get_invoice_specification": {"response": {"items": [SPECIFIED], "next": None}},
    "get_interim_specification": {"response": {"items": [SPECIFIED], "next": None}},
    "post_invoice_outcome": {"request": {"reference": INVOICE_HEAD["reference"]}, "response": INVOICE},
    "get_statement": {
        "response": {
            "currency": "EUR",
            "opening": {"current_minor": 0, "payable_minor": 0, "total_minor": 0},
            "items": [ENTRY],
            "closing": STANDING,
            "next": None,
        }
    },
    "list_balances": {
        "response": {
            "items": [
                {
                    "account": "seller",
                    "currency": "EUR",
                    "balance_minor": 3995,
                    "kinds": [{"kind": "turnover", "transfers": 1, "amount_minor": 3995}],
                }
            ]
        }
    },
    "get_self_check": {"response": {"agrees": True, "months": [CHECKED_MONTH], "invoices": [CHECKED_INVOICE]}},
    "list_events": {"response": {"items": [EVENT], "next": None}},
    "put_webhook": {
        "request": {"url": WEBHOOK["url"]},
        "response_200": WEBHOOK,
        "response_201": {**WEBHOOK, "secret": SECRET},
    },
    "rotate_webhook_secret": {"response": {"secret": SECRET}},
    "get_webhook": {"response": WEBHOOK},
    "list_webhooks": {"response": {"items": [WEBHOOK]}},
    "resume_webhook": {"response": WEBHOOK},
}
