-- Find the shops with parcels that fell silent, and are not marked so.
-- Parameters: shipped_from; silent_until, the last update that counts as long ago. Returns sellers.
SELECT DISTINCT parcel.seller_id
  FROM lostpost_parcel parcel
 WHERE parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
   AND parcel.shipped_at BETWEEN %(shipped_from)s AND %(silent_until)s
   AND greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at) <= %(silent_until)s
   AND parcel.silent_since IS DISTINCT FROM
       greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at)
