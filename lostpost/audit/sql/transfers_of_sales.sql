-- The claim: each sale has its transfers, and no other transfer of these kinds exists.
-- Parameters: seller; sides, rows of kind, debit, credit, of (which amount) and sign. Returns what, found, expected for
-- each transfer that differs, is missing or should not be.
WITH sides AS (
    SELECT *
      FROM jsonb_to_recordset(%(sides)s::jsonb) AS row (kind text, debit text, credit text, of text, sign int)
), due AS (
    SELECT sale.id AS source_id, sides.kind, sides.debit, sides.credit, sale.currency, sale.effective_at,
           sides.sign * CASE sides.of WHEN 'turnover' THEN sale.turnover_minor
                                      WHEN 'commission' THEN sale.commission_minor
                                      ELSE sale.commission_vat_minor END AS amount,
           CASE WHEN sides.of <> 'turnover' THEN sale.commission_vat_rate_bp END AS rate,
           CASE WHEN sides.of <> 'turnover' THEN sale.commission_vat_category END AS category
      FROM lostpost_sale sale
     CROSS JOIN sides
     WHERE sale.seller_id = %(seller)s
), booked AS (
    SELECT source_id, kind, debit, credit, currency, effective_at, amount_minor AS amount, vat_rate_bp AS rate,
           CASE WHEN vat_rate_bp IS NOT NULL THEN coalesce(nullif(vat_category, ''), 'S') END AS category
      FROM lostpost_transfer
     WHERE seller_id = %(seller)s AND kind IN (SELECT kind FROM sides)
)
SELECT format('transfer %%s of sale %%s', kind, source_id),
       concat_ws(' ', booked.amount, booked.currency, booked.debit, booked.credit, booked.category, booked.rate,
                 booked.effective_at),
       concat_ws(' ', due.amount, due.currency, due.debit, due.credit, due.category, due.rate, due.effective_at)
  FROM (SELECT * FROM due WHERE amount > 0) due
  FULL JOIN booked USING (source_id, kind)
 WHERE (due.amount, due.currency, due.debit, due.credit, due.category, due.rate, due.effective_at)
       IS DISTINCT FROM
       (booked.amount, booked.currency, booked.debit, booked.credit, booked.category, booked.rate, booked.effective_at)
