-- Read for each sales invoice its own sums, those of its lines and those of its transfers, to be shown side by side.
-- Parameters: seller; begin and end, between which it was issued. Returns the fields of CheckedInvoice, newest first.
SELECT invoice.number, invoice.currency, invoice.period_from_on, invoice.net_minor, invoice.vat_minor,
       coalesce(line.net_minor, 0)::bigint, coalesce(line.vat_minor, 0)::bigint,
       coalesce(transfer.total_minor, 0)::bigint
  FROM lostpost_salesinvoice invoice
  LEFT JOIN (
        SELECT invoice_id, sum(net_minor) AS net_minor, sum(vat_minor) AS vat_minor
          FROM lostpost_salesinvoiceline WHERE seller_id = %(seller)s GROUP BY invoice_id
       ) line ON line.invoice_id = invoice.id
  LEFT JOIN (
        SELECT invoice_id, sum(CASE WHEN debit = 'seller' THEN amount_minor ELSE -amount_minor END) AS total_minor
          FROM lostpost_transfer
         WHERE seller_id = %(seller)s AND invoice_id IS NOT NULL
           AND kind NOT IN ('settled', 'debt_settled', 'paid_out', 'debt_paid')
         GROUP BY invoice_id
       ) transfer ON transfer.invoice_id = invoice.id
 WHERE invoice.seller_id = %(seller)s AND invoice.issued_at >= %(begin)s AND invoice.issued_at < %(end)s
 ORDER BY invoice.issued_at DESC, invoice.id DESC
