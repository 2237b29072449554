"""What the books claim, as statements whose rows contradict it: (what, found, expected). Each says it in its file."""

from __future__ import annotations

import json

from lostpost.core.sql import sql_file
from lostpost.invoicing.figures import category_of, sign_of
from lostpost.ledger.models import INVOICE_LINES, Kind
from lostpost.ledger.post_transfers import SIDES
from lostpost.tracking.newest_scan import newest_scans

_THAT_COUNT = "lostpost_scan scan WHERE scan.seller_id = %(seller)s AND NOT scan.from_future AND NOT scan.before_order"
_BY_INVOICE_LINE = sql_file(__name__, "transfers_by_invoice_line")

COUNTS_OF_UNITS_AND_ITEMS = sql_file(__name__, "counts_of_units_and_items")
AMOUNTS_PAID_AGAIN = sql_file(__name__, "amounts_paid_again")
COMPENSATIONS = sql_file(__name__, "compensations")
TIMES_OF_RECORDS = sql_file(__name__, "times_of_records")
PAYMENTS_REFUNDED = sql_file(__name__, "payments_refunded")
TIMES_OF_BOUNCES = sql_file(__name__, "times_of_bounces")
TIMES_OF_RESTORATIONS = sql_file(__name__, "times_of_restorations")
WRITE_OFFS_WITHIN_ORDERS = sql_file(__name__, "write_offs_within_orders")
SCANS_AND_FLAGS_OF_PARCELS = sql_file(__name__, "scans_and_flags_of_parcels", newest=newest_scans(_THAT_COUNT))

SALES_OF_ORDERS = sql_file(__name__, "sales_of_orders")
COMMISSION_AT_RATES_OF_ITEMS = sql_file(__name__, "commission_at_rates_of_items")
TRANSFERS_OF_SALES = sql_file(__name__, "transfers_of_sales")

LINES_OF_INVOICES = sql_file(__name__, "lines_of_invoices", sums=_BY_INVOICE_LINE)
TOTALS_OF_INVOICES = sql_file(__name__, "totals_of_invoices", sums=_BY_INVOICE_LINE)
TRANSFERS_OF_INVOICES = sql_file(__name__, "transfers_of_invoices")
SEQUENCE_OF_INVOICES = sql_file(__name__, "sequence_of_invoices")
BALANCES_OF_ACCOUNTS = sql_file(__name__, "balances_of_accounts")
CLOSING_BALANCES = sql_file(__name__, "closing_balances")

NUMBERS_OF_EVENTS = sql_file(__name__, "numbers_of_events")
GAPS_IN_NUMBER_SERIES = sql_file(__name__, "gaps_in_number_series")
AMOUNTS_OF_CREDIT_NOTES = sql_file(__name__, "amounts_of_credit_notes")
RESTORED_PARTS_OF_LINES = sql_file(__name__, "restored_parts_of_lines")
FOUND_PARCELS_AND_CONSENTS = sql_file(__name__, "found_parcels_and_consents")

# The parameters `kinds` and `sides`.
INVOICE_KINDS = json.dumps(
    [
        {"kind": kind, "line": line, "category": category_of(line, ""), "part": part, "sign": sign_of(kind)}
        for kind, (line, part) in INVOICE_LINES.items()
    ]
)
OF_INVOICES = (
    Kind.VAT_ROUNDED_UP,
    Kind.VAT_ROUNDED_DOWN,
    Kind.SETTLED,
    Kind.DEBT_SETTLED,
    Kind.PAID_OUT,
    Kind.DEBT_PAID,
)
SIDES_OF_INVOICES = json.dumps(
    [{"kind": kind, "debit": SIDES[kind][0], "credit": SIDES[kind][1]} for kind in OF_INVOICES]
)
_OF_SALES = {
    "turnover": (Kind.TURNOVER, Kind.TURNOVER_REVERSED),
    "commission": (Kind.COMMISSION, Kind.COMMISSION_REVERSED),
    "vat": (Kind.COMMISSION_VAT, Kind.COMMISSION_VAT_REVERSED),
}
SALE_KINDS = tuple(kind for kinds in _OF_SALES.values() for kind in kinds)
SIDES_OF_SALES = json.dumps(
    [
        {"kind": kind, "debit": SIDES[kind][0], "credit": SIDES[kind][1], "of": amount, "sign": sign}
        for amount, (more, less) in _OF_SALES.items()
        for kind, sign in ((more, 1), (less, -1))
    ]
)
