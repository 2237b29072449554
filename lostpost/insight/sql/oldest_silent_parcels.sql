-- Read the oldest silent parcels of a shop that no query is about, for its worklist; no more than the first rows of the
-- index `parcel_silent_candidates` are looked at.
-- Parameters: seller; from, until, until_tracked, until_untracked, picked_up_until, placed_from and now, instants of the
-- policy; looked_at, rows of the index; most. Returns parcel, order, last update, when the order was placed, where it
-- goes to, hand-over, whether it is tracked, carrier, since when it is at a pick-up point, and worth of what is left,
-- those handed over the longest ago first.
SELECT parcel.id, parcel.order_id, parcel.updated_at, o.placed_at, o.customer_country, parcel.shipped_at,
       parcel.tracked, parcel.carrier_normalised,
       CASE WHEN parcel.last_status = 'at_pickup_point' THEN parcel.last_scanned_at END AS pickup_at, worth.minor
  FROM (
        SELECT id, seller_id, order_id, shipped_at, last_status, last_scanned_at, carrier_normalised,
               tracking_number <> '' AS tracked,
               greatest(shipped_at, last_scanned_at, tracking_number_changed_at) AS updated_at
          FROM lostpost_parcel
         WHERE seller_id = %(seller)s
           AND shipping_method = 'own' AND NOT delivered AND NOT written_off
           AND shipped_at BETWEEN %(from)s AND %(until)s
         ORDER BY shipped_at, id
         LIMIT %(looked_at)s
       ) parcel
  JOIN lostpost_order o ON o.seller_id = %(seller)s AND o.id = parcel.order_id
 CROSS JOIN LATERAL (
        SELECT sum(unit.quantity - unit.quantity_written_off + unit.quantity_paid_again - unit.quantity_returned)
                   AS quantity,
               sum(item.paid_minor / item.quantity
                   * (unit.quantity - unit.quantity_written_off + unit.quantity_paid_again
                      - unit.quantity_returned))::bigint AS minor
          FROM lostpost_parcelunit unit
          JOIN lostpost_orderitem item ON item.seller_id = %(seller)s AND item.id = unit.order_item_id
         WHERE unit.seller_id = %(seller)s AND unit.parcel_id = parcel.id
       ) worth
 WHERE parcel.updated_at <= CASE WHEN parcel.tracked THEN %(until_tracked)s ELSE %(until_untracked)s END
   AND parcel.last_status NOT IN ('returning', 'returned')
   AND NOT (parcel.last_status = 'at_pickup_point' AND parcel.last_scanned_at > %(picked_up_until)s)
   AND o.placed_at >= %(placed_from)s
   AND worth.quantity > 0
   AND NOT (
       parcel.tracked AND EXISTS (
           SELECT 1 FROM lostpost_silentfeed feed
            WHERE feed.carrier_normalised = parcel.carrier_normalised AND feed.ended_at IS NULL
              AND (feed.lifted_until IS NULL OR feed.lifted_until <= %(now)s)
       )
   )
   AND NOT EXISTS (
       SELECT 1 FROM lostpost_customerquery query
        WHERE query.seller_id = %(seller)s AND query.order_id = parcel.order_id
   )
 ORDER BY parcel.shipped_at, parcel.id
 LIMIT %(most)s
