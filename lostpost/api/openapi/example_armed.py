"""Examples of armed write-offs."""

from __future__ import annotations

from typing import Any

from lostpost.api.openapi.example_objects import LINE, LINE_OUT

PREVIEW = {
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
}
ARMED = {
    "id": "0195a3c0-7f00-7000-8000-000000000003",
    "customer_query": "4711039288",
    "order_number": "2398-4471",
    "state": "armed",
    "due_at": "2026-03-12T13:32:00Z",
    "lines": [LINE],
    "currency": "EUR",
    "refund_minor": 4490,
    "armed_at": "2026-03-10T12:00:00Z",
    "by": "Anna",
    "ended_at": None,
    "write_off": None,
    "reason": None,
}
OF_ARMED: dict[str, Any] = {
    "preview_armed_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE]},
        "response": PREVIEW | {"due_at": "2026-03-12T13:32:00Z"},
    },
    "arm_write_off": {
        "request": {"customer_query": "4711039288", "lines": [LINE], "token": "5f7c0d0a2f4b4f8c9c7d"},
        "response": ARMED,
    },
    "get_armed_write_off": {"response": ARMED},
    "list_armed_write_offs": {"response": {"items": [ARMED], "next": None}},
    "disarm_write_off": {
        "response": ARMED | {"state": "disarmed", "ended_at": "2026-03-11T08:00:00Z", "reason": "person"}
    },
}
