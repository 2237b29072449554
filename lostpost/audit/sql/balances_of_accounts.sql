-- The claim: a seller's accounts stand at what no invoice says yet, and at what is to be paid on those that do.
-- Parameters: seller; kinds, rows that say with which sign a kind of transfer counts. Returns what, found, expected for
-- each currency that differs.
WITH standing AS (
    SELECT currency,
           sum(CASE 'seller' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END) AS current,
           sum(CASE 'payable' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END) AS payable,
           coalesce(sum(-kinds.sign * amount_minor) FILTER (WHERE invoice_id IS NULL), 0) AS not_invoiced
      FROM lostpost_transfer
      LEFT JOIN jsonb_to_recordset(%(kinds)s::jsonb) AS kinds (kind text, line text, category text, part text, sign int)
        USING (kind)
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
