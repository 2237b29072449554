"""Examples of every request and of important responses; a test validates them against their schemas."""

from __future__ import annotations

from typing import Any

from lostpost.api.openapi.example_armed import OF_ARMED, PREVIEW
from lostpost.api.openapi.example_objects import (
    APPROVED_REQUEST,
    ASKED_AGAIN,
    ATTACHMENT,
    BATCH,
    BATCH_HEAD,
    CARRIER_FEED,
    CHECKED_INVOICE,
    CHECKED_MONTH,
    COMPENSATION,
    CREDIT_NOTE,
    ENTRY,
    EVENT,
    FIGURES,
    FOUND_OUTCOME,
    FOUND_PARCEL,
    FOUND_PARCEL_HEAD,
    FOUND_UNITS,
    INVOICE,
    INVOICE_HEAD,
    INVOICE_LINES,
    LINE,
    PICTURE,
    QUERY_ACTION,
    QUERY_ACTION_RUN,
    REFUND,
    REQUEST,
    RESTORATION,
    SECRET,
    SPECIFIED,
    STANDING,
    TEMPLATE,
    TEMPLATE_IN,
    WEBHOOK,
    WRITE_OFF,
)

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
            "customer": {
                "name": "Klaas Vaak",
                "email": "klaas@example.com",
                "language": "nl",
                "country": "NL",
                "postal_code": "3511 AB",
            },
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
    "post_customer_message": {
        "request": {
            "order_number": "2398-4471",
            "subject": "Where is my parcel?",
            "message": "It should have been here last week.",
            "item": None,
            "files": [PICTURE],
        },
        "response": {"number": "4711039288", "state": "open"},
    },
    "send_message": {
        "request": {"message": "The carrier has lost it. You get your money back.", "leave_open": True},
        "response": {"number": "4711039288", "state": "open"},
    },
    "upload_attachment": {
        "request": PICTURE,
        "response": ATTACHMENT,
    },
    "list_attachments": {"response": {"items": [ATTACHMENT]}},
    "list_answer_templates": {"response": {"items": [TEMPLATE]}},
    "put_answer_template": {"request": TEMPLATE_IN, "response": TEMPLATE},
    "get_answer_template": {"response": TEMPLATE},
    "change_answer_template": {"request": TEMPLATE_IN, "response": TEMPLATE},
    "list_compensations": {"response": {"items": [COMPENSATION], "next": None}},
    "get_compensation": {"response": COMPENSATION},
    "ask_for_declaration": {
        "request": {"parcel": "P-1"},
        "response": {
            "id": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a62",
            "parcel": "P-1",
            "language": "en",
            "sentence": "I declare that I did not receive the parcel 3SABC123 (DPD) of my order 2398-4471.",
            "asked_at": "2026-03-10T09:30:00+01:00",
            "signed_at": None,
            "signed_on": None,
            "signed_name": None,
            "deleted_at": None,
        },
    },
    "put_aside": {
        "request": {"state": "waiting_for_customer", "follow_up_on": None, "reason": "She looks in the shed first."},
        "response": {"number": "4711039288", "state": "waiting_for_customer"},
    },
    "hand_to_partnerservice": {
        "request": {"reason": "The customer says that nobody at the door took it."},
        "response": {"number": "4711039288", "state": "with_partnerservice"},
    },
    "ask_partnerservice": {
        "request": {
            "customer_query": "4711039288",
            "parcel": "P-1",
            "item": "1",
            "sentence": REQUEST["sentence"],
        },
        "response": REQUEST,
    },
    "list_partnerservice_requests": {"response": {"items": [APPROVED_REQUEST], "next": None}},
    "get_partnerservice_request": {"response": APPROVED_REQUEST},
    "reply_to_partnerservice": {
        "request": {"reply": "The carrier has no signature; its letter is in the order."},
        "response": REQUEST,
    },
    "appeal_hold": {
        "request": {"sentence": "A depot of the carrier burnt down; see its letter of Tuesday."},
        "response": {
            **REQUEST,
            "id": "01993f3c-6d1e-7d4e-9d0b-4f1f3a0f7a62",
            "kind": "appeal",
            "parcel": None,
            "item": None,
            "reasons": [],
            "sentence": "A depot of the carrier burnt down; see its letter of Tuesday.",
        },
    },
    **OF_ARMED,
    "preview_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE]},
        "response": PREVIEW,
    },
    "create_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE], "token": "5f7c0d0a2f4b4f8c9c7d"},
        "response": WRITE_OFF,
    },
    "get_write_off": {"response": WRITE_OFF},
    "list_write_offs": {"response": {"items": [WRITE_OFF], "next": None}},
    "preview_query_action": {
        "request": QUERY_ACTION,
        "response": {
            "refusal": None,
            "customer_queries": [
                {
                    "customer_query": "4711039288",
                    "order_number": "2398-4471",
                    "message": "Thank you for your message about order 2398-4471. We are asking DPD where it is.",
                    "token": "0195a3c0-7f00-7000-8000-000000000002.5f7c0d0a2f4b4f8c",
                    "refusal": None,
                }
            ],
        },
    },
    "create_query_action": {
        "request": QUERY_ACTION
        | {
            "customer_queries": [
                {
                    "customer_query": "4711039288",
                    "token": "0195a3c0-7f00-7000-8000-000000000002.5f7c0d0a2f4b4f8c",
                }
            ]
        },
        "response": QUERY_ACTION_RUN,
    },
    "get_query_action": {"response": QUERY_ACTION_RUN | {"ended_at": "2026-03-10T12:00:01Z"}},
    "preview_write_off_batch": {
        "request": {"customer_queries": [{"customer_query": "4711039288"}]},
        "response": {
            "currency": "EUR",
            "refund_minor": 4490,
            "needs_second_person": False,
            "refusals": [],
            "customer_queries": [
                {
                    "customer_query": "4711039288",
                    "order_number": "2398-4471",
                    "lines": [LINE],
                    "refund_minor": 4490,
                    "token": "5f7c0d0a2f4b4f8c9c7d",
                    "refusal": None,
                }
            ],
        },
    },
    "create_write_off_batch": {
        "request": {"customer_queries": [{"customer_query": "4711039288", "token": "5f7c0d0a2f4b4f8c9c7d"}]},
        "response": BATCH,
    },
    "cancel_write_off_batch": {"response": BATCH},
    "get_write_off_batch": {"response": BATCH},
    "list_write_off_batches": {"response": {"items": [BATCH_HEAD], "next": None}},
    "get_refund": {"response": REFUND},
    "list_carrier_feeds": {"response": {"items": [CARRIER_FEED]}},
    "list_silent_parcels": {
        "response": {
            "items": [
                {
                    "seller": "lampenhuis",
                    "order_number": "2398-4471",
                    "parcel": "P1",
                    "carrier": "DPD",
                    "tracking_number": "3SABC1234",
                    "state": "eligible",
                    "shipped_at": "2026-03-02T08:00:00Z",
                    "silent_since": "2026-03-04T13:32:00Z",
                    "eligible_from": "2026-03-07T13:32:00Z",
                    "last_on": "2026-04-30",
                    "claim_on": "2026-04-01",
                    "paused_since": None,
                    "quantity": 1,
                    "value_minor": 3995,
                    "currency": "EUR",
                    "customer_query": {"number": "4711039288", "state": "open"},
                }
            ],
            "next": None,
        }
    },
    "list_refunds": {"response": {"items": [REFUND], "next": None}},
    "report_found_parcel": {
        "request": {"write_off": "4711039288-1", "parcel": "3SABC1234", "note": "Wet, but whole"},
        "response": FOUND_PARCEL,
    },
    "get_found_parcel": {"response": FOUND_PARCEL},
    "list_found_parcels": {"response": {"items": [FOUND_PARCEL_HEAD], "next": None}},
    "preview_found_outcome": {
        "request": {"kind": "pay-again"},
        "response": {
            "kind": "pay-again",
            "currency": "EUR",
            "amount_minor": 4490,
            "delivery_minor": 495,
            "units": FOUND_UNITS,
        },
    },
    "decide_found_parcel": {"request": {"kind": "pay-again", "expected_amount_minor": 4490}, "response": FOUND_OUTCOME},
    "withdraw_found_question": {"response": FOUND_PARCEL},
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
