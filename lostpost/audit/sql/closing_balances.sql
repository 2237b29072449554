-- The claim: closing balances are the transfers that were booked before them, each month's added to the ones before.
-- Parameters: seller. Returns what, found, expected: how many transfers of a month, and their sum.
WITH period AS (
    SELECT until_at, lag(until_at, 1, '-infinity') OVER (ORDER BY until_at) AS from_at
      FROM lostpost_closingbalance
     WHERE seller_id = %(seller)s
     GROUP BY until_at
), closed AS (
    SELECT period.until_at, balance.currency, balance.debit, balance.credit, balance.kind,
           sum(CASE balance.until_at WHEN period.until_at THEN 1 ELSE -1 END * balance.transfers) AS transfers,
           sum(CASE balance.until_at WHEN period.until_at THEN 1 ELSE -1 END * balance.amount_minor) AS amount_minor
      FROM period
      JOIN lostpost_closingbalance balance
        ON balance.seller_id = %(seller)s AND balance.until_at IN (period.until_at, period.from_at)
     GROUP BY 1, 2, 3, 4, 5
), booked AS (
    SELECT period.until_at, transfer.currency, transfer.debit, transfer.credit, transfer.kind,
           count(*) AS transfers, sum(transfer.amount_minor) AS amount_minor
      FROM period
      JOIN lostpost_transfer transfer
        ON transfer.seller_id = %(seller)s AND transfer.booked_at >= period.from_at
       AND transfer.booked_at < period.until_at
     GROUP BY 1, 2, 3, 4, 5
)
SELECT format('closing balance of %%s from %%s to %%s in %%s before %%s', kind, debit, credit, currency, until_at),
       concat_ws(' ', coalesce(closed.transfers, 0), coalesce(closed.amount_minor, 0)),
       concat_ws(' ', coalesce(booked.transfers, 0), coalesce(booked.amount_minor, 0))
  FROM closed
  FULL JOIN booked USING (until_at, currency, debit, credit, kind)
 WHERE (coalesce(closed.transfers, 0), coalesce(closed.amount_minor, 0))
       IS DISTINCT FROM (coalesce(booked.transfers, 0), coalesce(booked.amount_minor, 0))
