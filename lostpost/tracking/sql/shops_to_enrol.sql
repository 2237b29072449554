-- Find the shops with silent parcels of a carrier of which it is not asked yet.
-- Parameters: carriers, normalised names; shipped_from. Returns sellers.
SELECT DISTINCT parcel.seller_id
  FROM lostpost_parcel parcel
 WHERE parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
   AND parcel.silent_since IS NOT NULL
   AND parcel.shipped_at >= %(shipped_from)s
   AND parcel.carrier_normalised = ANY(%(carriers)s)
   AND parcel.tracking_number_normalised <> ''
   AND NOT EXISTS (
       SELECT FROM lostpost_parcelpoll poll
        WHERE poll.seller_id = parcel.seller_id AND poll.parcel_id = parcel.id
   )
