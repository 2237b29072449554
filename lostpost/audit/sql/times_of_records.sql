-- The claim: a write-off, compensation, paid refund or restoration has one time, on the record and in the books, and the
-- first three on the timeline too; a paid refund has the reference of its timeline. Times decide on which invoice money
-- stands.
-- Parameters: seller. Returns what, found, expected for each that differs.
WITH confirmed AS (
    SELECT id, number, refund_id, confirmed_at AS at, 'write-off.confirmed' AS kind
      FROM lostpost_writeoff WHERE seller_id = %(seller)s
     UNION ALL
    SELECT id, number, refund_id, granted_at, 'compensation.granted'
      FROM lostpost_compensation WHERE seller_id = %(seller)s
), paid AS (  -- Paid again after it came back, it is booked under the bounce.
    SELECT id AS refund_id, id AS source_id FROM lostpost_refund WHERE seller_id = %(seller)s
     UNION ALL
    SELECT refund_id, id FROM lostpost_refundbounce WHERE seller_id = %(seller)s
), entry AS (
    SELECT kind, data ->> 'number' AS number, min(at) AS first, max(at) AS last,
           (array_agg(data ->> 'reference' ORDER BY at DESC, id DESC))[1] AS reference
      FROM lostpost_timelineentry
     WHERE seller_id = %(seller)s AND kind IN ('write-off.confirmed', 'compensation.granted', 'refund.confirmed')
     GROUP BY 1, 2
), source AS (
    SELECT confirmed.id, confirmed.at, confirmed.number FROM confirmed
     UNION ALL
    SELECT line.id, confirmed.at, confirmed.number
      FROM lostpost_writeoffline line JOIN confirmed ON confirmed.id = line.write_off_id
     WHERE line.seller_id = %(seller)s
     UNION ALL
    SELECT restoration.id, restoration.received_at, restoration.number
      FROM lostpost_restoration restoration WHERE restoration.seller_id = %(seller)s AND restoration.state = 'received'
     UNION ALL
    SELECT part.id, restoration.received_at, restoration.number
      FROM lostpost_restorationline part
      JOIN lostpost_restoration restoration
        ON restoration.seller_id = %(seller)s AND restoration.id = part.restoration_id
     WHERE part.seller_id = %(seller)s AND restoration.state = 'received'
)
SELECT format('%%s: when it happened', confirmed.number), confirmed.at::text, entry.first::text
  FROM confirmed JOIN entry ON entry.kind = confirmed.kind AND entry.number = confirmed.number
 WHERE confirmed.at <> entry.first
 UNION ALL
SELECT format('transfer %%s of %%s: when it happened', transfer.kind, source.number),
       transfer.effective_at::text, source.at::text
  FROM source JOIN lostpost_transfer transfer ON transfer.seller_id = %(seller)s AND transfer.source_id = source.id
 WHERE transfer.effective_at <> source.at
 UNION ALL
SELECT format('refund %%s: when it was requested', refund.number), refund.requested_at::text, confirmed.at::text
  FROM lostpost_refund refund JOIN confirmed ON confirmed.refund_id = refund.id
 WHERE refund.seller_id = %(seller)s AND refund.requested_at <> confirmed.at
 UNION ALL
SELECT format('refund %%s: when it was paid, and its reference', refund.number),
       concat_ws(' ', refund.confirmed_at, refund.reference), concat_ws(' ', entry.last, entry.reference)
  FROM lostpost_refund refund JOIN entry ON entry.kind = 'refund.confirmed' AND entry.number = refund.number
 WHERE refund.seller_id = %(seller)s AND refund.state = 'confirmed'
   AND (refund.confirmed_at, refund.reference) IS DISTINCT FROM (entry.last, entry.reference)
 UNION ALL
SELECT format('transfer refund_paid of %%s: when it was paid', refund.number),
       max(transfer.effective_at)::text, refund.confirmed_at::text
  FROM lostpost_refund refund
  JOIN paid ON paid.refund_id = refund.id
  JOIN lostpost_transfer transfer
    ON transfer.seller_id = %(seller)s AND transfer.source_id = paid.source_id AND transfer.kind = 'refund_paid'
 WHERE refund.seller_id = %(seller)s AND refund.state = 'confirmed'
 GROUP BY refund.id, refund.number, refund.confirmed_at
HAVING max(transfer.effective_at) <> refund.confirmed_at
