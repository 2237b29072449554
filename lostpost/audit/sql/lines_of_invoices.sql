-- The claim: each line of a sales invoice is the sum of its transfers, and no transfer on an invoice is without a line.
-- Parameters: seller; kinds. Part: sums, the query transfers_by_invoice_line. Returns what, found, expected for each
-- line that differs, is missing or should not be.
WITH sums AS (<sums>)
SELECT format('sales invoice %%s, line %%s, %%s at %%s: its transfers, net amount and VAT', invoice.number, kind,
              vat_category, vat_rate_bp),
       concat_ws(' ', line.transfers, line.net_minor, line.vat_minor),
       concat_ws(' ', sums.transfers, sums.net, sums.vat)
  FROM sums
  FULL JOIN (
        SELECT invoice_id, kind, vat_rate_bp, vat_category, transfers, net_minor, vat_minor
          FROM lostpost_salesinvoiceline WHERE seller_id = %(seller)s
       ) line USING (invoice_id, kind, vat_category, vat_rate_bp)
  JOIN lostpost_salesinvoice invoice ON invoice.seller_id = %(seller)s AND invoice.id = invoice_id
 WHERE (line.transfers, line.net_minor, line.vat_minor) IS DISTINCT FROM (sums.transfers, sums.net, sums.vat)
