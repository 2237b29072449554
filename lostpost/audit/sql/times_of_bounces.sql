-- The claim: a bounce has one time, on the record, in the books and on the timeline, where the payment that bounced has
-- its reference; and each payment of a refund is booked when the timeline says that it was paid.
-- Parameters: seller. Returns what, found, expected for each that differs.
WITH entry AS (
    SELECT kind, data ->> 'number' AS number, at, data ->> 'reference' AS reference
      FROM lostpost_timelineentry
     WHERE seller_id = %(seller)s AND kind IN ('refund.confirmed', 'refund.failed')
), paid AS (  -- Paid again after it came back, it is booked under the bounce.
    SELECT number, id AS source_id FROM lostpost_refund WHERE seller_id = %(seller)s
     UNION ALL
    SELECT refund.number, bounce.id
      FROM lostpost_refundbounce bounce
      JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = bounce.refund_id
     WHERE bounce.seller_id = %(seller)s
)
SELECT format('refund %%s, bounce %%s: when, and the reference of the payment', refund.number, bounce.number),
       concat_ws(' ', bounce.bounced_at, bounce.reference), 'as on the timeline'
  FROM lostpost_refundbounce bounce
  JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = bounce.refund_id
 WHERE bounce.seller_id = %(seller)s
   AND NOT (
        EXISTS (SELECT FROM entry WHERE kind = 'refund.failed' AND number = refund.number AND at = bounce.bounced_at)
        AND EXISTS (SELECT FROM entry WHERE kind = 'refund.confirmed' AND number = refund.number
                                        AND at <= bounce.bounced_at AND reference = bounce.reference)
   )
 UNION ALL
SELECT format('transfer refund_bounced of %%s: when it happened', refund.number),
       transfer.effective_at::text, bounce.bounced_at::text
  FROM lostpost_refundbounce bounce
  JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = bounce.refund_id
  JOIN lostpost_transfer transfer
    ON transfer.seller_id = %(seller)s AND transfer.source_id = bounce.id AND transfer.kind = 'refund_bounced'
 WHERE bounce.seller_id = %(seller)s AND transfer.effective_at <> bounce.bounced_at
 UNION ALL
SELECT format('transfer refund_paid of %%s: when it was paid', paid.number), transfer.effective_at::text,
       (SELECT string_agg(at::text, ' or ' ORDER BY at) FROM entry
         WHERE kind = 'refund.confirmed' AND number = paid.number)
  FROM paid
  JOIN lostpost_transfer transfer
    ON transfer.seller_id = %(seller)s AND transfer.source_id = paid.source_id AND transfer.kind = 'refund_paid'
 WHERE NOT EXISTS (SELECT FROM entry WHERE kind = 'refund.confirmed' AND number = paid.number
                                       AND at = transfer.effective_at)
