-- Claim the most urgent parcel of a shop about which a carrier is to be asked; what somebody else claims is skipped.
-- Parameters: seller; connector; now; until, when the claim ends by itself. Returns the parcel, if there is one.
UPDATE lostpost_parcelpoll poll
   SET claimed_until = %(until)s
 WHERE poll.seller_id = %(seller)s AND poll.parcel_id IN (
       SELECT due.parcel_id
         FROM lostpost_parcelpoll due
        WHERE due.seller_id = %(seller)s AND due.connector = %(connector)s AND due.next_poll_at <= %(now)s
          AND (due.claimed_until IS NULL OR due.claimed_until <= %(now)s)
        ORDER BY due.urgency, due.next_poll_at
        LIMIT 1
          FOR UPDATE SKIP LOCKED
   )
RETURNING poll.parcel_id, poll.not_found
