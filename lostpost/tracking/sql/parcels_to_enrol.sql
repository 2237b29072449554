-- Find parcels of a shop that are marked as silent, and about which their carrier is not asked yet.
-- Parameters: seller; carriers, normalised names; shipped_from; most. Returns a row each.
SELECT parcel.id
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
