-- Add up what was booked before an instant: the newest closing balances, and the transfers since these.
-- Parameters: seller, until; closed_until, which the closing balances are not newer than. Returns currency, debit, credit, kind, transfers and amount_minor.
WITH newest AS (
    SELECT max(until_at) AS until_at
      FROM lostpost_closingbalance
     WHERE seller_id = %(seller)s AND until_at <= %(closed_until)s
), pair AS (
    SELECT closed.currency, closed.debit, closed.credit, closed.kind, closed.transfers, closed.amount_minor
      FROM newest
      JOIN lostpost_closingbalance closed ON closed.seller_id = %(seller)s AND closed.until_at = newest.until_at
    UNION ALL
    SELECT booked.currency, booked.debit, booked.credit, booked.kind, count(*), sum(booked.amount_minor)
      FROM newest
      JOIN lostpost_transfer booked
        ON booked.seller_id = %(seller)s AND booked.booked_at < %(until)s
       AND booked.booked_at >= coalesce(newest.until_at, '-infinity')
     GROUP BY 1, 2, 3, 4
)
SELECT currency, debit, credit, kind, sum(transfers)::bigint, sum(amount_minor)::bigint FROM pair GROUP BY 1, 2, 3, 4
