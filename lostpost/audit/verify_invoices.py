"""Statements that compare sales invoices with their transfers: (what, found, expected).

Which kinds of transfers make which lines comes in as `kinds`, rows of {kind, line, category, part, sign}.
"""

from __future__ import annotations

import json

from lostpost.invoicing.figures import category_of, sign_of
from lostpost.ledger.models import INVOICE_LINES, Kind
from lostpost.ledger.post_transfers import SIDES

_KINDS = """
    kinds AS (
        SELECT *
          FROM jsonb_to_recordset(%(kinds)s::jsonb) AS row (kind text, line text, category text, part text, sign int)
    )
"""
# Transfers without a rate, booked before they had one, were invoiced at that of the policy then in force.
_SUMS = f"""
    WITH {_KINDS}, sums AS (
        SELECT transfer.invoice_id, kinds.line AS kind, kinds.category AS vat_category,
               CASE kinds.category WHEN 'B' THEN 0 ELSE coalesce(transfer.vat_rate_bp, policy.rate_bp, 2100) END
                   AS vat_rate_bp,
               count(*) AS transfers,
               coalesce(sum(kinds.sign * transfer.amount_minor) FILTER (WHERE kinds.part = 'net'), 0) AS net,
               coalesce(sum(kinds.sign * transfer.amount_minor) FILTER (WHERE kinds.part = 'vat'), 0) AS vat
          FROM lostpost_transfer transfer
          JOIN kinds ON kinds.kind = transfer.kind
          JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = transfer.invoice_id
          LEFT JOIN LATERAL (
                SELECT (version.values ->> 'commission_vat_rate_bp')::int AS rate_bp
                  FROM lostpost_policyversion version
                 WHERE version.decided_at <= invoice.issued_at
                 ORDER BY version.version DESC
                 LIMIT 1
               ) policy ON true
         WHERE transfer.seller_id = %(seller)s AND transfer.invoice_id IS NOT NULL
         GROUP BY 1, 2, 3, 4
    )
"""  # noqa: S608  Of nothing but our own words.
LINES = f"""
    {_SUMS}
    SELECT format('sales invoice %%s, line %%s at %%s: its transfers, net amount and VAT', invoice.number, kind,
                  vat_rate_bp),
           concat_ws(' ', line.transfers, line.net_minor, line.vat_minor, line.vat_category),
           concat_ws(' ', sums.transfers, sums.net, sums.vat, sums.vat_category)
      FROM sums
      FULL JOIN (
            SELECT invoice_id, kind, vat_rate_bp, vat_category, transfers, net_minor, vat_minor
              FROM lostpost_salesinvoiceline WHERE seller_id = %(seller)s
           ) line USING (invoice_id, kind, vat_rate_bp)
      JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = invoice_id
     WHERE (line.transfers, line.net_minor, line.vat_minor, line.vat_category)
           IS DISTINCT FROM (sums.transfers, sums.net, sums.vat, sums.vat_category)
"""  # noqa: S608
HEADS = f"""
    {_SUMS}, rates AS (
        SELECT invoice_id, vat_rate_bp, vat_category, sum(net) AS net, sum(vat) AS vat
          FROM sums
         GROUP BY 1, 2, 3
    ), heads AS (
        SELECT invoice_id, sum(net) AS net, sum(vat) AS vat FROM rates GROUP BY 1
    ), carried AS (
        SELECT carried_to_id AS invoice_id, sum(payable_minor) AS debt
          FROM lostpost_salesinvoice WHERE seller_id = %(seller)s AND carried_to_id IS NOT NULL GROUP BY 1
    )
    SELECT format('sales invoice %%s: net, VAT, total, carried over, to be paid', invoice.number),
           concat_ws(' ', net_minor, vat_minor, total_minor, carried_minor, payable_minor),
           concat_ws(' ', coalesce(net, 0), coalesce(vat, 0), coalesce(net + vat, 0), coalesce(debt, 0),
                     coalesce(net + vat, 0) + coalesce(debt, 0))
      FROM lostpost_salesinvoice invoice
      LEFT JOIN heads ON heads.invoice_id = invoice.id
      LEFT JOIN carried ON carried.invoice_id = invoice.id
     WHERE invoice.seller_id = %(seller)s
       AND (net_minor, vat_minor, total_minor, carried_minor, payable_minor)
           IS DISTINCT FROM (net, vat, net + vat, coalesce(debt, 0), net + vat + coalesce(debt, 0))
    UNION ALL
    SELECT format('sales invoice %%s: VAT on the total at %%s', invoice.number, vat_rate_bp),
           vat::text, trunc((net * vat_rate_bp + sign(net) * 5000) / 10000)::text
      FROM rates
      JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = invoice_id
     WHERE vat <> CASE vat_category WHEN 'B' THEN 0
                                    ELSE trunc((net * vat_rate_bp + sign(net) * 5000) / 10000) END
    UNION ALL
    SELECT format('sales invoice %%s: transfer %%s of %%s', invoice.number, transfer.kind, transfer.source_id),
           concat_ws(' ', transfer.currency, transfer.effective_at),
           concat_ws(' ', invoice.currency, 'before', invoice.cut_off_at)
      FROM lostpost_transfer transfer
      JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = transfer.invoice_id
     WHERE transfer.seller_id = %(seller)s
       AND (
            transfer.currency <> invoice.currency
            OR (transfer.effective_at >= invoice.cut_off_at AND transfer.kind NOT LIKE 'vat_rounded_%%')
       )
"""  # noqa: S608
# What invoices bring about: rounding of VAT, settlement, and the payment.
BOOKED = """
    WITH sides AS (
        SELECT * FROM jsonb_to_recordset(%(sides)s::jsonb) AS row (kind text, debit text, credit text)
    ), due AS (
        SELECT line.id AS source_id, line.invoice_id, abs(line.vat_minor) AS amount, invoice.currency,
               CASE WHEN line.vat_minor > 0 THEN 'vat_rounded_up' ELSE 'vat_rounded_down' END AS kind
          FROM lostpost_salesinvoiceline line
          JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = line.invoice_id
         WHERE line.seller_id = %(seller)s AND line.kind = 'VAT_ROUNDING'
        UNION ALL
        SELECT id, NULL, abs(total_minor), currency,
               CASE WHEN total_minor > 0 THEN 'debt_settled' ELSE 'settled' END
          FROM lostpost_salesinvoice
         WHERE seller_id = %(seller)s AND total_minor <> 0
        UNION ALL
        SELECT id, NULL, abs(payable_minor), currency,
               CASE WHEN payable_minor > 0 THEN 'debt_paid' ELSE 'paid_out' END
          FROM lostpost_salesinvoice
         WHERE seller_id = %(seller)s AND state = 'paid'
    ), booked AS (
        SELECT source_id, kind, invoice_id, amount_minor AS amount, currency, debit, credit
          FROM lostpost_transfer
         WHERE seller_id = %(seller)s AND kind IN (SELECT kind FROM sides)
    )
    SELECT format('transfer %%s of %%s', kind, source_id),
           concat_ws(' ', booked.amount, booked.currency, booked.debit, booked.credit, booked.invoice_id),
           concat_ws(' ', due.amount, due.currency, due.debit, due.credit, due.invoice_id)
      FROM (SELECT due.*, sides.debit, sides.credit FROM due JOIN sides USING (kind)) due
      FULL JOIN booked USING (source_id, kind)
     WHERE (booked.amount, booked.currency, booked.debit, booked.credit, booked.invoice_id)
           IS DISTINCT FROM (due.amount, due.currency, due.debit, due.credit, due.invoice_id)
"""
# In each currency: numbers follow periods, these do not overlap, and a debt goes to a later invoice.
ORDER = """
    WITH numbered AS (
        SELECT *, lag(number) OVER by_number AS before_number, lag(period_to_on) OVER by_number AS before_on,
               lag(cut_off_at) OVER by_number AS before_at
          FROM (
                SELECT *, substring(number FROM '[0-9]+$')::bigint AS count
                  FROM lostpost_salesinvoice WHERE seller_id = %(seller)s
               ) invoice
        WINDOW by_number AS (PARTITION BY currency ORDER BY count)
    )
    SELECT format('sales invoice %%s: its period follows that of %%s', number, before_number),
           concat_ws(' ', period_from_on, cut_off_at), concat_ws(' ', 'after', before_on, before_at)
      FROM numbered
     WHERE period_from_on <= before_on OR cut_off_at <= before_at
    UNION ALL
    SELECT format('sales invoice %%s: its debt is carried over', carried.number),
           concat_ws(' ', 'by', taker.number, taker.currency), concat_ws(' ', 'by a later one in', carried.currency)
      FROM numbered carried
      JOIN numbered taker ON taker.id = carried.carried_to_id
     WHERE taker.currency <> carried.currency OR taker.count <= carried.count
"""
# What stands on the seller's accounts: what no invoice says yet, and what is to be paid on those that do.
BALANCES = f"""
    WITH {_KINDS}, standing AS (
        SELECT currency,
               sum(CASE 'seller' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END) AS current,
               sum(CASE 'payable' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END) AS payable,
               coalesce(sum(-kinds.sign * amount_minor) FILTER (WHERE invoice_id IS NULL), 0) AS not_invoiced
          FROM lostpost_transfer
          LEFT JOIN kinds USING (kind)
         WHERE seller_id = %(seller)s
         GROUP BY 1
    ), issued AS (
        SELECT currency, -sum(payable_minor) AS owed
          FROM lostpost_salesinvoice WHERE seller_id = %(seller)s AND state = 'issued' GROUP BY 1
    )
    SELECT format('current account and sales invoices to be paid, in %%s', currency),
           concat_ws(' ', coalesce(current, 0), coalesce(payable, 0)),
           concat_ws(' ', coalesce(not_invoiced, 0), coalesce(owed, 0))
      FROM standing
      FULL JOIN issued USING (currency)
     WHERE (coalesce(current, 0), coalesce(payable, 0))
           IS DISTINCT FROM (coalesce(not_invoiced, 0), coalesce(owed, 0))
"""  # noqa: S608
KINDS = json.dumps(
    [
        {"kind": kind, "line": line, "category": category_of(line), "part": part, "sign": sign_of(kind)}
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
