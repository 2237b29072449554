-- Claim a parcel to ask its carrier about it now, whether or not it is asked about otherwise; not while somebody asks.
-- Parameters: seller; parcel; connector; now; until, when the claim ends by itself. Returns one row, or none.
INSERT INTO lostpost_parcelpoll AS existing (
       seller_id, parcel_id, connector, urgency, next_poll_at, claimed_until, not_found
)
VALUES (%(seller)s, %(parcel)s, %(connector)s, 0, %(now)s, %(until)s, 0)
ON CONFLICT (seller_id, parcel_id) DO UPDATE
   SET claimed_until = EXCLUDED.claimed_until
 WHERE existing.claimed_until IS NULL OR existing.claimed_until <= %(now)s
RETURNING existing.not_found
