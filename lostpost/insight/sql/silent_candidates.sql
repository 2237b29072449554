-- Read a page of parcels that may be silent: undelivered, of own shipping, without a customer query. The first
-- conditions on a parcel are those of the index `parcel_silent_candidates`, literally: only so is it used. The others
-- are the policy's own, so that what it refuses does not stand before what it allows.
-- Parameters: seller; from, until, until_tracked, until_untracked, picked_up_until and placed_from, instants of the
-- policy; after_at and after_id, where the page before ended; most. Returns hand-over, parcel and order, the longest
-- ago first.
SELECT parcel.shipped_at, parcel.id, parcel.order_id
  FROM lostpost_parcel parcel
  JOIN lostpost_order o ON o.seller_id = parcel.seller_id AND o.id = parcel.order_id
 WHERE parcel.seller_id = %(seller)s
   AND parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
   AND parcel.shipped_at BETWEEN %(from)s AND %(until)s
   AND (parcel.shipped_at, parcel.id) > (%(after_at)s, %(after_id)s)
   AND greatest(parcel.shipped_at, parcel.last_scanned_at, parcel.tracking_number_changed_at)
       <= CASE WHEN parcel.tracking_number = '' THEN %(until_untracked)s ELSE %(until_tracked)s END
   AND parcel.last_status NOT IN ('returning', 'returned')
   AND NOT (parcel.last_status = 'at_pickup_point' AND parcel.last_scanned_at > %(picked_up_until)s)
   AND o.placed_at >= %(placed_from)s
   AND NOT EXISTS (
       SELECT 1 FROM lostpost_customerquery query
        WHERE query.seller_id = parcel.seller_id AND query.order_id = parcel.order_id
   )
   AND EXISTS (
       SELECT 1 FROM lostpost_parcelunit unit
        WHERE unit.seller_id = parcel.seller_id AND unit.parcel_id = parcel.id
          AND unit.quantity > unit.quantity_written_off + unit.quantity_returned
   )
 ORDER BY parcel.shipped_at, parcel.id
 LIMIT %(most)s
