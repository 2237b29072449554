-- Ask a carrier from now on about parcels of a shop that are marked as silent, and of which it is not asked yet.
-- Parameters: seller; connector; carriers, normalised names; shipped_from; now; most. Returns a row each.
INSERT INTO lostpost_parcelpoll (seller_id, parcel_id, connector, urgency, next_poll_at, not_found)
SELECT parcel.seller_id, parcel.id, %(connector)s, 1, %(now)s, 0
  FROM lostpost_parcel parcel
 WHERE parcel.seller_id = %(seller)s
   AND parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
   AND parcel.silent_since IS NOT NULL
   AND parcel.shipped_at >= %(shipped_from)s
   AND parcel.carrier_normalised = ANY(%(carriers)s)
   AND parcel.tracking_number_normalised <> ''
   AND NOT EXISTS (
       SELECT FROM lostpost_parcelpoll poll WHERE poll.seller_id = %(seller)s AND poll.parcel_id = parcel.id
   )
 LIMIT %(most)s
ON CONFLICT DO NOTHING
RETURNING parcel_id
