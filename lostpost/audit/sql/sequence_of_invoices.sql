-- The claim: in each currency the numbers of sales invoices follow their periods, these do not overlap, and a debt is
-- carried to a later invoice.
-- Parameters: seller. Returns what, found, expected for each invoice out of place.
WITH numbered AS (
    SELECT *, lag(number) OVER by_number AS before_number, lag(period_to_on) OVER by_number AS before_on,
           lag(cut_off_at) OVER by_number AS before_at,
           lag(apart) OVER by_number AS before_apart, lag(period_from_on) OVER by_number AS before_from_on
      FROM (
            SELECT *, substring(number FROM '[0-9]+$')::bigint AS count
              FROM lostpost_salesinvoice WHERE seller_id = %(seller)s
           ) invoice
    WINDOW by_number AS (PARTITION BY currency ORDER BY count)
)
SELECT format('sales invoice %%s: its period follows that of %%s', number, before_number),
       concat_ws(' ', period_from_on, cut_off_at), concat_ws(' ', 'after', before_on, before_at)
  FROM numbered
 WHERE (period_from_on <= before_on OR cut_off_at <= before_at)
   AND NOT (before_apart AND NOT apart AND period_from_on = before_from_on)  -- Of one period, what stands apart is first.
UNION ALL
SELECT format('sales invoice %%s: its debt is carried over', carried.number),
       concat_ws(' ', 'by', taker.number, taker.currency), concat_ws(' ', 'by a later one in', carried.currency)
  FROM numbered carried
  JOIN numbered taker ON taker.id = carried.carried_to_id
 WHERE taker.currency <> carried.currency OR taker.count <= carried.count
