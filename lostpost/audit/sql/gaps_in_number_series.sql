-- The claim: each series of document numbers is without a gap, and its counter stands at the last number.
-- Parameters: seller. Returns what, found, expected for each series that differs.
WITH documents AS (
    SELECT 'sales-invoice' AS series, number FROM lostpost_salesinvoice WHERE seller_id = %(seller)s
    UNION ALL
    SELECT CASE WHEN restoration_id IS NULL THEN 'credit-note' ELSE 'invoice-paid-again' END, number
      FROM lostpost_creditnote
     WHERE seller_id = %(seller)s
), counted AS (
    SELECT series, count(*) AS documents, count(DISTINCT count) AS numbers, min(count) AS first, max(count) AS last
      FROM (SELECT series, substring(number FROM '[0-9]+$')::bigint AS count FROM documents) numbered
     GROUP BY 1
), counters AS (
    SELECT series, last FROM lostpost_documentcounter WHERE seller_id = %(seller)s AND last > 0
)
SELECT format('number series %%s: documents, numbers, first, last', series),
       concat_ws(' ', counted.documents, counted.numbers, counted.first, counted.last),
       concat_ws(' ', counters.last, counters.last, 1, counters.last)
  FROM counted
  FULL JOIN counters USING (series)
 WHERE (counted.documents, counted.numbers, counted.first, counted.last)
       IS DISTINCT FROM (counters.last, counters.last, 1, counters.last)
