-- Add up what a shop wrote off since a moment, and what of such goods came back: as returns of found parcels, or paid again.
-- Parameters: seller, since. Returns currency, lost, taken_back, paid_again; currencies with none of them are left out.
SELECT currency, sum(lost)::bigint, sum(taken_back)::bigint, sum(paid_again)::bigint
  FROM (
        SELECT currency, refund_minor AS lost, 0 AS taken_back, 0 AS paid_again
          FROM lostpost_writeoff
         WHERE seller_id = %(seller)s AND confirmed_at >= %(since)s
        UNION ALL
        SELECT outcome.currency, 0, outcome.amount_minor, 0
          FROM lostpost_foundcase found
          JOIN lostpost_foundoutcome outcome ON outcome.seller_id = found.seller_id AND outcome.case_id = found.id
         WHERE found.seller_id = %(seller)s
           AND outcome.kind = 'return' AND outcome.decided_at >= %(since)s
        UNION ALL
        SELECT currency, 0, 0, amount_minor
          FROM lostpost_restoration
         WHERE seller_id = %(seller)s AND state = 'received' AND received_at >= %(since)s
       ) each
 GROUP BY currency
 ORDER BY currency
