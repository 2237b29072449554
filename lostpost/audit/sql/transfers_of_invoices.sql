-- The claim: what invoices bring about is booked, once: rounding of VAT, settlement, and the payment.
-- Parameters: seller; sides, rows of kind, debit and credit. Returns what, found, expected for each transfer that
-- differs, is missing or should not be.
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
