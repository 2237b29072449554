-- The claim: a sales invoice's totals are those of its transfers and of the debts carried to it; VAT is right on the
-- total of each category and rate; what is outside the scope of VAT stands with no other commission; and its transfers
-- are of its currency and of before its cut-off.
-- Parameters: seller; kinds. Part: sums, the query transfers_by_invoice_line. Returns what, found, expected for each
-- total or transfer that differs.
WITH sums AS (<sums>), rates AS (
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
SELECT format('sales invoice %%s: VAT on the total, %%s at %%s', invoice.number, vat_category, vat_rate_bp),
       vat::text, trunc((net * vat_rate_bp + sign(net) * 5000) / 10000)::text
  FROM rates
  JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = invoice_id
 WHERE vat <> CASE vat_category WHEN 'B' THEN 0
                                ELSE trunc((net * vat_rate_bp + sign(net) * 5000) / 10000) END
UNION ALL
SELECT format('sales invoice %%s: VAT categories', invoice.number), string_agg(DISTINCT vat_category, ' '),
       CASE WHEN invoice.apart THEN 'O alone' ELSE 'O without S and AE' END
  FROM rates
  JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = invoice_id
 GROUP BY invoice.id, invoice.number, invoice.apart
HAVING bool_or(vat_category = 'O') AND bool_or(vat_category IN ('S', 'AE'))
    OR invoice.apart AND bool_or(vat_category <> 'O')
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
